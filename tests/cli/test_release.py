"""`syncup deploy` and `syncup rollback`, as people and machines meet them."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from cli.exit_codes import ExitCode
from cli.main import run
from tests.operate.double import Aws, Time
from tests.operate.releasing import NEW, OLD, OLDEST, Site, World

pytestmark = pytest.mark.usefixtures("time")


@pytest.fixture
def world(aws: Aws) -> World:
    """A stack that runs the old release; the new one is in the bucket."""
    found = World()
    aws.answers.update(found.answers())
    return found


@pytest.fixture(autouse=True)
def site(monkeypatch: pytest.MonkeyPatch) -> Site:
    """The application's pages."""
    found = Site()
    monkeypatch.setattr("operate.http.ask", found.ask)
    return found


@pytest.fixture
def interrupted(time: Time, monkeypatch: pytest.MonkeyPatch) -> Any:
    """While it lasts, whoever waits is interrupted."""

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    @contextmanager
    def patched() -> Generator[None]:
        with monkeypatch.context() as patch:
            patch.setattr(time, "sleep", interrupt)
            patch.setattr("cli.frame.CLOCK", time.clock)
            yield

    return patched


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[ExitCode, str, str]:
    status = run(words)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_a_release_goes_forth_and_back(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = _run(capsys, "deploy", "staging", NEW)
    assert status is ExitCode.FINE
    assert out == f"staging runs {NEW}\n"
    assert err.splitlines() == [
        f"staging: deploys {NEW} in place of {OLD}",
        "3 of 3 static files are new",
        f"the launch template becomes one of {NEW}",
        "updated application-instances-template",
        "migrates the database on i-1",
        "0 % replaced, Pending",
        "0 % replaced, InProgress",
        "50 % replaced, InProgress",
        "100 % replaced, Baking",
        "registration, slack, chat work",
        "100 % replaced, Baking",
        "100 % replaced, Successful",
    ]
    status, out, err = _run(capsys, "rollback", "staging")
    assert status is ExitCode.FINE
    assert out == f"staging runs {OLD}\n"
    assert err.startswith(f"staging: goes back to {OLD}; the instances are of {NEW} now\n")
    assert world.everywhere == {OLD}


def test_a_release_is_watched_for_as_long_as_is_asked(
    world: World, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.answers["cloudwatch.GetMetricData"] = {"MetricDataResults": []}
    status, out, err = _run(capsys, "deploy", "staging", NEW, "--watch", "2m")
    assert (status, out) == (ExitCode.FINE, f"staging runs {NEW}\n")
    assert [line.partition("  ")[2] for line in err.splitlines()[-3:]] == ["as it should be"] * 3
    assert world.everywhere == {NEW}


def test_json_is_for_machines(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _run(capsys, "deploy", "staging", "--json")
    assert status is ExitCode.FINE
    said = json.loads(out)
    assert (said["done"], said["release"], said["before"]) == (True, NEW, OLD)
    assert [check["fine"] for check in said["checks"]] == [True] * 3
    status, out, _ = _run(capsys, "rollback", "staging", OLDEST, "--json")
    assert status is ExitCode.FINE
    assert json.loads(out)["before"] == NEW
    assert world.everywhere == {OLDEST}


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        (
            {"migration": "Failed"},
            ExitCode.FAILED,
            "relation users exists; staging runs 2026.11.3, as before",
        ),
        ({"rings": True}, ExitCode.GUARD, "rings, so that AWS would turn every release back"),
        ({"suspended": ["Launch"]}, ExitCode.GUARD, "`syncup start staging` first"),
        ({"waiting": ["cdn"]}, ExitCode.GUARD, "`syncup up staging` first"),
        ({"releases": {}}, ExitCode.FAILED, "there is no release 2026.11.4"),
        ({"bad": {NEW}}, ExitCode.FAILED, "is in ALARM; staging runs 2026.11.3, as before"),
    ],
)
def test_what_goes_wrong_is_the_last_line(
    world: World, capsys: pytest.CaptureFixture[str], change: dict[str, Any], status: ExitCode, said: str
) -> None:
    for name, value in change.items():
        setattr(world, name, value)
    found, out, err = _run(capsys, "deploy", "staging", NEW)
    assert found is status
    assert out == ""
    assert said in err.splitlines()[-1]
    assert world.everywhere == {OLD}
    assert world.lock is None


@pytest.mark.parametrize(
    ("words", "goes_on"),
    [(f"deploy staging {NEW}", f"deploy staging {NEW}"), ("rollback staging", f"rollback staging {OLDEST}")],
)
def test_who_interrupts_is_told_the_command_that_goes_on(
    world: World, interrupted: Any, capsys: pytest.CaptureFixture[str], words: str, goes_on: str
) -> None:
    with interrupted():
        status, out, err = _run(capsys, *words.split())
    assert status is ExitCode.INTERRUPTED
    assert out == ""
    assert f"`syncup {goes_on}` goes on" in err.splitlines()[-1]
    assert world.lock is not None
    status, _, err = _run(capsys, "restart", "staging")
    assert status is ExitCode.GUARD
    assert f"`syncup {goes_on}` goes on" in err
    assert _run(capsys, *goes_on.split())[0] is ExitCode.FINE
    assert world.lock is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("deploy staging ../2026.11.4", "letters, digits, dots and hyphens only"),
        ("rollback staging a;b", "letters, digits, dots and hyphens only"),
        ("deploy staging 2026.11.4 2026.11.5", "unexpected extra argument"),
        ("deploy", "Missing argument"),
        ("deploy staging --force", "--force"),
    ],
)
def test_wrong_words_change_nothing(
    world: World, aws: Aws, capsys: pytest.CaptureFixture[str], words: str, said: str
) -> None:
    status, out, err = _run(capsys, *words.split())
    assert status is ExitCode.USAGE
    assert out == ""
    assert said in err
    assert aws.changes == []
    assert world.everywhere == {OLD}
