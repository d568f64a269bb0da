"""The first page keeps its word: two commands first, and what it shows is what one sees."""

import io
import re
from pathlib import Path

from infra.reading import ROOT
from preview import render_terminal
from preview.plan import of_program
from tests.infra import project
from tests.program.stacks import PROJECT, built

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def _without_figures(line: str) -> str:
    """A line as it stays when resources are added: figures and the width of columns do not count."""
    return re.sub(r"\s+", " ", re.sub(r"\d+", "9", line)).strip()


def test_two_commands_come_before_anything_else() -> None:
    first = [line for line in README.splitlines() if line][1:4]
    assert first[:2] == ["    make preview", "    make test"]
    assert not first[2].startswith("    ")


def test_the_preview_that_is_shown_is_a_real_one() -> None:
    (shown,) = [block for block in BLOCKS if block.startswith("syncup production")]
    printed = io.StringIO()
    plan = of_program(PROJECT, project.STACK, built(project.STACK).unknown, ())
    render_terminal.render(plan, render_terminal.console(printed))
    lines = {_without_figures(line) for line in printed.getvalue().splitlines()}
    missing = [line for line in shown.splitlines() if _without_figures(line) not in {*lines, "…"}]
    assert not missing


def test_the_mistake_that_is_shown_is_answered_so(tmp_path: Path) -> None:
    (shown,) = [block for block in BLOCKS if block.startswith("Pulumi.production.yaml:")]
    root = project.copy(tmp_path)
    project.edit(root / project.STACK_FILE, "cidr: 10.20.0.0/16", "cidr: 10.20.0.0/30")
    assert project.mistakes(root) == shown.splitlines()


def test_every_room_is_named() -> None:
    rooms = {path.name for path in ROOT.iterdir() if path.is_dir() and (path / "__init__.py").is_file()} - {
        "bench"
    }
    assert rooms <= set(re.findall(r"^\| `(\w+)/` \|", README, re.MULTILINE))


def test_every_target_that_pages_name_is_in_the_makefile() -> None:
    targets = set(
        re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    text = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = {
        word
        for words in re.findall(r"make ((?:[a-z-]+)(?: [a-z-]+)*)(?=`|\n| [A-Z])", text)
        for word in words.split()
    }
    assert named
    assert named <= targets
