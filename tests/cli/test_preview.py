"""`syncup preview`: where it writes, how it ends, and that a mistake is a line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli import preview as command
from cli.exit_codes import ExitCode
from cli.main import run
from infra.reading import ROOT
from tests.preview.programs import project

PROGRAM = """
    import pulumi
    from pulumi_random import RandomPet

    class Group(pulumi.ComponentResource):
        def __init__(self):
            super().__init__("shop:index:Group", "group")

    RandomPet("pet", length=2, opts=pulumi.ResourceOptions(parent=Group()))
"""
VERDICT = "No errors: 1 resource in 1 component (1 to create).\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a stack `dev`, and the working directory in it."""
    monkeypatch.chdir(project(tmp_path, PROGRAM))
    return tmp_path


def test_a_plan_for_people_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["preview", "dev"]) is ExitCode.FINE
    printed = capsys.readouterr()
    assert printed.out.startswith("shop dev  as if nothing existed yet  + create\n└── group  shop.Group\n")
    assert printed.out.endswith(VERDICT)
    assert printed.err == ""


def test_json_is_alone_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["preview", "dev", "--format", "json"]) is ExitCode.FINE
    printed = capsys.readouterr()
    assert json.loads(printed.out)["stack"] == "dev"
    assert printed.err.endswith(VERDICT)


@pytest.mark.parametrize(("form", "beginning"), [("json", "{"), ("terminal", "shop dev")])
def test_a_file_takes_the_plan_and_people_get_the_verdict(
    folder: Path, capsys: pytest.CaptureFixture[str], form: str, beginning: str
) -> None:
    assert run(["preview", "dev", "--format", form, "--output", "plan"]) is ExitCode.FINE
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.endswith(VERDICT)
    text = (folder / "plan").read_text(encoding="utf-8")
    assert text.startswith(beginning)
    assert "\x1b[" not in text


def test_a_file_that_cannot_be_written_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["preview", "dev", "--output", "no/such/folder/plan"]) is ExitCode.FAILED
    assert capsys.readouterr().err == "no/such/folder/plan cannot be written: No such file or directory\n"


def test_what_is_wrong_ends_it_as_failed_and_is_shown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = folder / "__main__.py"
    program.write_text(program.read_text().replace("length=2", "length='two'"))
    assert run(["preview", "dev"]) is ExitCode.FAILED
    told = capsys.readouterr().out.partition("✗ ")[2].splitlines()
    assert told[:3] == [
        "random.RandomPet pet  length  __main__.py:9",
        '  it is a string ("two"), but has to be a whole number',
        "  write it without quotation marks",
    ]
    assert told[-1].startswith("1 error in 1 resource")


@pytest.mark.parametrize(
    ("stack_file", "arguments", "line"),
    [
        ("", ["dve"], "Pulumi.dve.yaml: there is no stack dve: the stacks are dev"),
        ("config:\n\tx: 1", ["dev"], "Pulumi.dev.yaml:2: the line begins with a tab: indent with spaces"),
    ],
)
def test_a_mistake_in_a_file_is_a_line_and_nothing_else(
    folder: Path, capsys: pytest.CaptureFixture[str], stack_file: str, arguments: list[str], line: str
) -> None:
    (folder / "Pulumi.dev.yaml").write_text(stack_file)
    assert run(["preview", *arguments]) is ExitCode.FAILED
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"{line}\n")


def test_a_program_that_fails_is_a_line_and_its_traceback_only_on_demand(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "__main__.py").write_text("1 / 0")
    assert run(["preview", "dev"]) is ExitCode.FAILED
    assert capsys.readouterr().err == "__main__.py:1: ZeroDivisionError: division by zero\n"
    assert run(["preview", "dev", "--debug"]) is ExitCode.FAILED
    assert "Traceback" in capsys.readouterr().err


def test_a_folder_without_project_is_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Pulumi.yaml").unlink()
    monkeypatch.chdir(tmp_path)
    assert run(["preview", "dev"]) is ExitCode.FAILED
    assert capsys.readouterr().err.count("\n") == 1


def test_without_the_cli_the_engine_is_refused_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(["preview", "dev", "--engine", "pulumi"]) is ExitCode.FAILED
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("the Pulumi CLI is not on PATH: install it")
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [[], ["dev", "--engine", "steam"], ["dev", "--format", "xml"], ["dev", "--loud"], ["a", "b"]]
)
def test_a_wrong_call_is_answered_in_a_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["preview", *arguments]) is ExitCode.USAGE
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("syncup: ")
    assert printed.err.count("\n") == 1


def test_who_interrupts_it_gets_his_status(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "evaluate_project", interrupted)
    assert run(["preview", "dev"]) is ExitCode.INTERRUPTED


def test_who_interrupts_it_while_it_begins_gets_his_status_too() -> None:
    script = (
        "import sys, cli.main as main\n"
        "def interrupted(_): raise KeyboardInterrupt\n"
        "main.root = interrupted\n"
        "main.main()"
    )
    ended = subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-c", script], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (ExitCode.INTERRUPTED, "", "")
