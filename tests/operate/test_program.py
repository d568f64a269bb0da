"""The program under its engine, driven: what each end of the engine means, in a line."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.reading import ROOT
from operate import program
from operate.errors import (
    DataLossError,
    GuardError,
    OperationError,
    PolicyError,
    RemoteError,
    UndecidableError,
)
from operate.program import Pulumi
from preview.plan import Operation
from tests.preview.recorded import BUCKET, DATABASE, LOCKED, Recorded, complaint, judged, step


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """The CLI, which knows the stack `dev`."""
    return Recorded(tmp_path, monkeypatch)


@pytest.fixture
def pulumi(cli: Recorded) -> Pulumi:
    """The program of that stack."""
    return program.of(cli.project, "dev")


def _quietly(_: str) -> None:
    pass


def test_a_preview_is_a_plan_and_asks_the_projects_pack(cli: Recorded, pulumi: Pulumi) -> None:
    cli.says("preview", step("create", BUCKET))
    plan = pulumi.preview(targets=[BUCKET])
    assert plan.changes[BUCKET].operation is Operation.CREATE
    asked = cli.calls[-1]
    assert asked.startswith("preview ")
    assert f"--policy-pack {cli.project / 'policies'}" in asked
    assert f"--target {BUCKET}" in asked


def test_an_update_says_what_is_done_and_returns_it(cli: Recorded, pulumi: Pulumi) -> None:
    cli.says(
        "up", step("create", BUCKET), step("create", BUCKET, done=True), step("same", DATABASE, done=True)
    )
    said: list[str] = []
    done = pulumi.update(said.append)
    assert done.changes[BUCKET].operation is Operation.CREATE
    assert said == ["created aws:s3/bucket:Bucket orders"]
    asked = next(call for call in cli.calls if call.startswith("up "))
    assert "--policy-pack" in asked


def test_an_update_that_fails_says_why_in_a_line(cli: Recorded, pulumi: Pulumi) -> None:
    cli.says(
        "up",
        step("create", DATABASE),
        step("create", DATABASE, failed=True),
        complaint("creating main:\n  1 error occurred:\n  * no capacity"),
        complaint("update failed"),
        complaint="error: update failed",
    )
    said: list[str] = []
    with pytest.raises(OperationError) as caught:
        pulumi.update(said.append)
    assert str(caught.value) == (
        "dev was not updated to the end: creating main: 1 error occurred: * no capacity"
    )
    assert said == ["failed (create) aws:rds/instance:Instance main"]


def test_what_the_real_engine_recorded_of_a_failure_becomes_the_same_line(
    cli: Recorded, pulumi: Pulumi
) -> None:
    cli.replays("up", ROOT / "tests" / "preview" / "data" / "failed.jsonl", "error: update failed")
    said: list[str] = []
    with pytest.raises(OperationError) as caught:
        pulumi.update(said.append)
    assert str(caught.value) == (
        "dev was not updated to the end: simulated fault: create of aws:rds/instance:Instance 'database' "
        "failed (SIM_FAIL)"
    )
    assert said == ["failed (create-replacement) aws:rds/instance:Instance database"]


def test_somebody_elses_update_is_a_guard_with_who_since_when_and_the_way_out(
    cli: Recorded, pulumi: Pulumi
) -> None:
    cli.says("up", complaint=LOCKED)
    with pytest.raises(GuardError) as caught:
        pulumi.update(_quietly)
    assert str(caught.value) == (
        "dev is being changed by somebody else (ben@laptop, since 2026-11-24T12:00:00Z): wait for the end; "
        "where nobody is at it any more, `pulumi cancel dev` opens it"
    )


def test_a_stack_that_has_changed_since_its_preview_is_not_updated(cli: Recorded, pulumi: Pulumi) -> None:
    pulumi.preview()
    cli.saved("2026-11-24T12:01:00Z")
    with pytest.raises(GuardError, match="was changed by somebody else since the preview"):
        pulumi.update(_quietly)
    assert not any(call.startswith("up ") for call in cli.calls)


def test_two_updates_of_one_preview_are_the_callers_to_preview_again(cli: Recorded, pulumi: Pulumi) -> None:
    pulumi.preview()
    pulumi.update(_quietly)
    cli.saved("2026-11-24T12:01:00Z")
    pulumi.update(_quietly)


@pytest.mark.parametrize("signal", ["INT", "TERM", "HUP"])
def test_an_interruption_is_handed_on_once_and_waited_for(cli: Recorded, pulumi: Pulumi, signal: str) -> None:
    """A cancelled job is terminated, and who closes a terminal hangs up."""
    cli.interrupts("up", signal)
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        pulumi.update(said.append)
    assert cli.was_interrupted("up")
    (line,) = said
    assert line.startswith("interrupted: what is being changed now is finished first")


def test_an_update_comes_to_its_end_also_where_we_are_killed(cli: Recorded) -> None:
    """What it says goes nowhere then, which must not end it in the middle of what it makes."""
    folder = str(cli.project)
    script = (
        "from pathlib import Path; from operate import program; "
        f"program.of(Path({folder!r}), 'dev').update(print)"
    )
    cli.lasts("up")
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)  # noqa: S603 (our own interpreter)
    assert cli.has("up", "begun")
    process.kill()
    process.wait()
    cli.let_go("up")
    assert cli.has("up", "ended")


def test_a_backend_that_refuses_is_a_remotes_fault(cli: Recorded, pulumi: Pulumi) -> None:
    cli.says("refresh", complaint="error: the passphrase is wrong")
    with pytest.raises(RemoteError, match=r"^the passphrase is wrong$"):
        pulumi.refresh(_quietly)


def test_without_the_cli_there_is_no_program(cli: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(OperationError, match="the Pulumi CLI is not on PATH"):
        program.of(cli.project, "dev").state()


def test_a_state_says_what_was_begun_and_whether_the_stack_was_ever_made(
    cli: Recorded, pulumi: Pulumi
) -> None:
    """A first update that fails leaves resources and no outputs."""
    cli.saved(made=False, pending=[DATABASE])
    assert not pulumi.state().made
    assert pulumi.state().pending == ["creating aws:rds/instance:Instance main"]
    cli.saved()
    assert pulumi.state().made
    assert pulumi.state().pending == []


@pytest.mark.parametrize("op", ["delete", "replace"])
def test_what_holds_data_is_not_destroyed_unless_allowed(cli: Recorded, pulumi: Pulumi, op: str) -> None:
    cli.says("preview", step(op, DATABASE), step("delete", BUCKET, retainOnDelete=True))
    plan = pulumi.preview()
    assert program.losses(plan) == [f"{op} of aws:rds/instance:Instance main: the database"]
    with pytest.raises(DataLossError, match="it would lose data"):
        program.require_clean(plan)
    program.require_clean(plan, allow_data_loss=True)


def test_what_changes_in_place_loses_nothing(cli: Recorded, pulumi: Pulumi) -> None:
    cli.says("preview", step("update", DATABASE), step("same", BUCKET))
    program.require_clean(pulumi.preview())


def test_a_plan_with_errors_is_refused_for_them_first(cli: Recorded, pulumi: Pulumi) -> None:
    cli.says(
        "preview", step("delete", DATABASE), complaint("it is broken"), complaint="error: preview failed"
    )
    with pytest.raises(OperationError, match="dev cannot be updated: it is broken"):
        program.require_clean(pulumi.preview())


def test_a_violated_rule_blocks_a_plan_before_what_it_loses(cli: Recorded, pulumi: Pulumi) -> None:
    cli.says(
        "preview",
        step("delete", DATABASE),
        judged(BUCKET, "it has no FlowLog"),
        judged(BUCKET, "it is big", "advisory"),
        complaint="error: preview failed",
    )
    with pytest.raises(PolicyError) as caught:
        program.require_clean(pulumi.preview())
    assert str(caught.value) == "dev is not updated: vpc-flow-logs: orders: it has no FlowLog"


def test_a_rule_of_the_stack_that_cannot_decide_blocks_a_plan_after_what_it_loses(
    cli: Recorded, pulumi: Pulumi
) -> None:
    undecided = judged(BUCKET, "cannot be decided: vpc_id is not known yet")
    cli.says("preview", step("update", BUCKET), undecided)
    with pytest.raises(UndecidableError, match="a rule cannot decide: vpc-flow-logs: orders: vpc_id is not"):
        program.require_clean(pulumi.preview())
    cli.says("preview", step("replace", DATABASE), undecided)
    with pytest.raises(DataLossError):
        program.require_clean(pulumi.preview())


def test_a_rule_that_decides_in_the_update_stops_it(cli: Recorded, pulumi: Pulumi) -> None:
    cli.says("up", judged(BUCKET, "it is open"), complaint="error: update failed")
    with pytest.raises(PolicyError, match="a rule stopped the update of dev: vpc-flow-logs: orders"):
        pulumi.update(_quietly)
