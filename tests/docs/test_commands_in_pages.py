"""What pages tell people to type is there, with those options; what they quote from the code stands in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.reading import ROOT
from policies.catalogue import RULES
from tests.cli.spoken import commands, wrong_with
from tests.docs.pages import label, pages

TARGETS = frozenset(
    re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
)
_SPAN = re.compile(r"(?<!`)`((?:\.venv/bin/)?syncup [a-z][^`\n]*|make [a-z][^`\n]*)`")
_OUTPUT = re.compile(r"^```(?!bash)\w*\n.*?^```$", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^(?: {4})?((?:\.venv/bin/)?syncup [a-z].*|make [a-z].*)$", re.MULTILINE)
_EXCERPT = re.compile(r"^```\w+\n# ([\w./-]+\.\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def told(text: str) -> Iterator[str]:
    """The command lines of a page."""
    for line in [*_SPAN.findall(text), *_LINE.findall(_OUTPUT.sub("", text))]:
        yield line.removeprefix(".venv/bin/").partition(" #")[0].rstrip("\\ ")


@pytest.mark.parametrize("page", pages(), ids=label)
def test_every_command_of_a_page_is_there_with_its_options(page: Path) -> None:
    for line in told(page.read_text(encoding="utf-8")):
        if line.startswith("make "):
            assert [word for word in line.split()[1:] if "=" not in word and word not in TARGETS] == [], line
        else:
            assert wrong_with(line) is None, line


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("syncup backup create production", None),
        ("syncup backup", None),
        ("syncup backup verify $STACK --backup backup_2024_01_15_143022.sql.gz", None),
        ("syncup --help", None),
        ("syncup conjure production", "there is no command conjure"),
        ("syncup backup conjure production", "backup has no command conjure"),
        ("syncup backup create nowhere", "'nowhere' is no stack"),
        ("syncup backup create production --quickly", "create has no option --quickly"),
        ("syncup backup verify production --backup", "--backup has no value"),
        ("syncup status production please", "status takes no 'please'"),
    ],
)
def test_a_command_that_is_not_there_is_found(line: str, said: str | None) -> None:
    assert wrong_with(line) == said


@pytest.mark.parametrize("page", pages(), ids=label)
def test_every_rule_that_a_page_asks_about_is_there(page: Path) -> None:
    words = [line.split() for line in told(page.read_text(encoding="utf-8"))]
    asked = {line[3] for line in words if line[1:3] == ["policy", "explain"] and line[3:]}
    assert asked <= {rule.name for rule in RULES}


@pytest.mark.parametrize("command", list(commands()))
def test_every_command_is_run_by_a_test(command: str) -> None:
    *group, last = command.split()
    whole = re.compile('"' + '"?,? "?'.join(map(re.escape, command.split())) + '[" ]')
    within = re.compile(f'"{re.escape(last)}[" ]')
    runs = [
        file.name
        for file in sorted((ROOT / "tests" / "cli").glob("*.py"))
        if whole.search(text := file.read_text(encoding="utf-8"))
        or (file.stem == "test_" + "_".join(group) and within.search(text))
    ]
    assert runs


@pytest.mark.parametrize("page", pages(), ids=label)
def test_what_a_page_quotes_stands_in_the_code(page: Path) -> None:
    for name, quoted in _EXCERPT.findall(page.read_text(encoding="utf-8")):
        waiting = iter((ROOT / name).read_text(encoding="utf-8").splitlines())
        for line in quoted.splitlines():
            assert line.strip() in {"", "…"} or line in waiting, f"{name} does not say, or not there: {line}"
