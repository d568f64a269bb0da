"""`syncup image`: a change of the stack's file, shown and written, and nothing in AWS."""

import json
from pathlib import Path

import pytest

from cli.exit_codes import ExitCode
from cli.main import run
from tests.cli.test_bad_answers import FAILURES, Bad
from tests.infra import project
from tests.operate.double import Aws
from tests.operate.test_image import ARM, FILE, NEWER, PRESENT, offering


@pytest.fixture
def root(aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's files, which the command finds."""
    aws.answers.update(offering({ARM: NEWER}))
    copied = project.copy(tmp_path)
    monkeypatch.setattr("operate.image.newest.__defaults__", (copied,))
    return copied


def _text(root: Path) -> str:
    return (root / FILE).read_text(encoding="utf-8")


def test_the_line_is_shown_and_written(root: Path, aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    before = _text(root)
    assert run(["image", "staging"]) is ExitCode.FINE
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        f"{FILE}: -    image_id: {PRESENT}",
        f"{FILE}: +    image_id: {NEWER}",
    ]
    assert "`syncup up staging`" in captured.err
    assert _text(root) == before.replace(PRESENT, NEWER)
    assert aws.changes == []
    assert run(["image", "staging"]) is ExitCode.FINE
    assert f"{FILE} has the newest image: {NEWER}" in capsys.readouterr().out


def test_a_dry_run_writes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = _text(root)
    assert run(["image", "staging", "--dry-run", "--json"]) is ExitCode.FINE
    captured = capsys.readouterr()
    said = json.loads(captured.out)
    assert said["done"] is False
    assert said["difference"] == [f"-    image_id: {PRESENT}", f"+    image_id: {NEWER}"]
    assert "nothing is done" in captured.err
    assert _text(root) == before


def test_json_says_what_was_written(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["image", "staging", "--json"]) is ExitCode.FINE
    said = json.loads(capsys.readouterr().out)
    assert said["done"] is True
    assert (said["present"]["id"], said["newest"]["id"]) == (PRESENT, NEWER)
    assert NEWER in _text(root)


@pytest.mark.parametrize("bad", FAILURES, ids=lambda bad: bad.name)
def test_a_bad_answer_is_one_line_and_changes_nothing(
    root: Path, aws: Aws, bad: Bad, capsys: pytest.CaptureFixture[str]
) -> None:
    before = _text(root)
    aws.failure = bad.failure
    for failing in (0, 1):
        aws.calls.clear()
        aws.failing = failing
        assert run(["image", "staging"]) is bad.code
        captured = capsys.readouterr()
        assert captured.out == ""
        assert len(captured.err.splitlines()) == 1
        assert _text(root) == before


@pytest.mark.parametrize("stack", ["local", "moon"])
def test_a_stack_without_a_file_is_wrong_usage(stack: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["image", stack]) is ExitCode.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
