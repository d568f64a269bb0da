"""`syncup up`: the checklist is shown whole, each refusal has its status, production asks for its name."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.exit_codes import ExitCode
from cli.main import run
from operate import preflight
from operate.errors import GuardError, OperationError, PolicyError, UndecidableError
from operate.git import Revision
from operate.preflight import Says, Verdict
from preview.engine import State
from preview.plan import Operation
from tests.operate import healthy
from tests.operate.double import Aws
from tests.operate.services import CREDENTIALS, Services, services
from tests.operate.updating import GOOD, NEW, OLD, World, install, plan

HOLDS: Says = (Verdict.HOLDS, "so it is")
REFUSES: Says = (Verdict.REFUSES, "so it is not: do something")


class Program(World):
    """The stack's program, with the engine's state."""

    made: bool = True

    def state(self) -> State:
        """See `operate.program`."""
        return State(made=self.made, pending=(), saved="")


@pytest.fixture
def others() -> Iterator[Services]:
    """Slack and PagerDuty."""
    with services() as found:
        yield found


@pytest.fixture
def says() -> dict[str, Says]:
    """What the checklist's items say."""
    return {"reviewed": HOLDS, "tests": HOLDS, preflight.TEAM: (Verdict.DUE, "is told when it begins")}


@pytest.fixture
def world(says: dict[str, Says], others: Services, tmp_path: Path, request: pytest.FixtureRequest) -> Program:
    """The stack staging, about to be updated."""
    aws: Aws = request.getfixturevalue("aws")
    monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    found = Program(parameters={GOOD: OLD})
    install(found, aws, monkeypatch, tmp_path)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    merged = Revision(commit=NEW, tree="", changed=(), merged=True)

    def answering(answer: Callable[[], Any]) -> Callable[..., Any]:
        return lambda *_: answer()  # pyright: ignore[reportUnknownLambdaType] (whatever it is asked)

    for name, answer in {
        "program.of": lambda: found,
        "incident_services.Addresses": lambda: others.addresses,
        "git.revision": lambda: merged,
    }.items():
        monkeypatch.setattr(f"operate.{name}", answering(answer))
    looks = {name: answering(lambda name=name: says[name]) for name in says}
    monkeypatch.setattr("operate.preflight._LOOKS", looks)
    return found


@pytest.mark.usefixtures("world")
def test_the_checklist_is_shown_whole_and_refuses_with_a_line(
    says: dict[str, Says], capsys: pytest.CaptureFixture[str], world: Program
) -> None:
    says["reviewed"] = says["tests"] = REFUSES
    assert run(["up", "staging"]) is ExitCode.GUARD
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "    checklist",
        "!!  reviewed   so it is not: do something",
        "!!  tests      so it is not: do something",
        "..  team       is told when it begins",
        "nothing was done: reviewed, tests refuse",
    ]
    assert world.did == []


def test_programs_get_the_checklist_also_where_it_refuses(
    says: dict[str, Says], capsys: pytest.CaptureFixture[str], world: Program
) -> None:
    says["tests"] = REFUSES
    assert run(["up", "staging", "--json"]) is ExitCode.GUARD
    found = json.loads(capsys.readouterr().out)
    assert not found["done"]
    assert found["preflight"][1] == {"name": "tests", "verdict": "refuses", "says": REFUSES[1]}
    assert world.did == []


def test_an_update_says_what_it_does_and_ends_in_json_alone(
    capsys: pytest.CaptureFixture[str], world: Program
) -> None:
    assert run(["up", "staging", "--json"]) is ExitCode.FINE
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert (found["done"], found["commit"], found["changes"]) == (True, NEW, {"update": 1})
    assert "staging: brings it to cccccccccccc (1 to update)" in captured.err
    assert "update   aws:sqs/queue:Queue queue" in captured.err
    assert world.did[-1] == "watch for 0:00:00"


def test_a_dry_run_changes_nothing(capsys: pytest.CaptureFixture[str], world: Program, aws: Aws) -> None:
    assert run(["up", "staging", "--dry-run"]) is ExitCode.FINE
    assert "nothing is done, this is a dry run" in capsys.readouterr().err
    assert world.did == ["preview, refreshed"]
    assert aws.changes == []


def test_a_dry_run_shows_the_plan_also_where_the_checklist_refuses(
    says: dict[str, Says], capsys: pytest.CaptureFixture[str], world: Program
) -> None:
    says["tests"] = REFUSES
    assert run(["up", "staging", "--dry-run"]) is ExitCode.GUARD
    assert "update   aws:sqs/queue:Queue queue" in capsys.readouterr().err
    assert world.did == ["preview, refreshed"]


def test_what_is_destroyed_is_shown_first(capsys: pytest.CaptureFixture[str], world: Program) -> None:
    world.plan = plan(queue=Operation.UPDATE, bucket=Operation.REPLACE)
    assert run(["up", "staging"]) is ExitCode.DATA_LOSS
    said = capsys.readouterr().err
    assert said.index("replace  aws:s3/bucket:Bucket bucket") < said.index(
        "update   aws:sqs/queue:Queue queue"
    )
    assert "it would lose data: replace of aws:s3/bucket:Bucket bucket: objects" in said
    assert "update" not in world.did
    assert run(["up", "staging", "--allow-data-loss"]) is ExitCode.FINE
    assert "update" in world.did


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (OperationError("no capacity"), ExitCode.FAILED),
        (PolicyError("a rule stopped it"), ExitCode.POLICY),
        (UndecidableError("a rule cannot decide"), ExitCode.UNDECIDABLE),
        (GuardError("staging is being changed by somebody else"), ExitCode.GUARD),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_end_has_its_status_and_a_line(
    capsys: pytest.CaptureFixture[str], world: Program, failure: BaseException, status: ExitCode
) -> None:
    world.failing["update"] = failure
    assert run(["up", "staging"]) is status
    last = capsys.readouterr().err.splitlines()[-1]
    assert "`syncup up staging` goes on" in last


def test_production_is_asked_for_its_name_after_the_plan_is_shown_and_watched_as_the_guide_has_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], world: Program, aws: Aws
) -> None:
    aws.answers["ssm.GetParametersByPath"] = healthy.outputs(healthy.OUTPUTS, "production")
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    assert run(["up", "production"]) is ExitCode.GUARD
    said = capsys.readouterr().err
    assert said.index("update   aws:sqs/queue:Queue queue") < said.index("To go on, type production: ")
    assert world.did == ["refresh", "preview"]
    assert world.parameters == {GOOD: OLD}
    monkeypatch.setattr("sys.stdin", io.StringIO("production\n"))
    assert run(["up", "production"]) is ExitCode.FINE
    assert world.did[-1] == "watch for 0:30:00"


def test_the_watch_is_as_long_as_somebody_says(world: Program) -> None:
    assert run(["up", "staging", "--watch", "5m"]) is ExitCode.FINE
    assert world.did[-1] == "watch for 0:05:00"


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("words", ["up local", "up", "up staging --watch soon", "up staging --force"])
def test_wrong_words_are_one_line(capsys: pytest.CaptureFixture[str], words: str) -> None:
    assert run(words.split()) is ExitCode.USAGE
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_stack_that_was_never_made_is_not_asked_for_its_outputs(
    capsys: pytest.CaptureFixture[str], world: Program, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Program, "made", False)
    assert run(["up", "staging", "--dry-run"]) is ExitCode.FINE
    capsys.readouterr()
    assert not aws.named("ssm.GetParametersByPath")
