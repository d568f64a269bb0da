"""Maintenance runs in its window, alone, and ends in time."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.reading import read_guide
from operate import incidents, lock
from operate.errors import GuardError
from operate.maintenance import Outcome, Result, Rules, Task, allowed_until, work
from operate.stack import Stack
from tests.operate import healthy
from tests.operate.double import Aws, Time, error
from tests.operate.records import Records

_RULES = Rules.of(read_guide())
_SUNDAY = datetime(2026, 11, 29, 2, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def records(aws: Aws, time: Time) -> Records:
    """It is Sunday night, nobody holds the stack, and there are no incidents."""
    found = Records()
    aws.answers.update(found.answers())
    aws.answers["ssm.GetParameter"] = healthy.parameter({})
    time.now = _SUNDAY
    return found


def test_inside_the_window_it_may_work_until_shortly_before_the_end(stack: Stack) -> None:
    assert allowed_until(stack, _RULES, force=False) == datetime(2026, 11, 29, 3, 55, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (datetime(2026, 11, 29, 1, 59, 59, tzinfo=UTC), "is sunday 02:00-04:00 UTC, now it is closed"),
        (datetime(2026, 11, 29, 4, 0, tzinfo=UTC), "closed"),
        (datetime(2026, 11, 30, 2, 30, tzinfo=UTC), "closed"),
        (datetime(2026, 11, 29, 3, 54, 45, tzinfo=UTC), "about to close"),
        (datetime(2026, 11, 29, 3, 59, tzinfo=UTC), "about to close"),
    ],
)
def test_outside_it_refuses_unless_it_is_forced(stack: Stack, time: Time, now: datetime, said: str) -> None:
    time.now = now
    with pytest.raises(GuardError, match=said):
        allowed_until(stack, _RULES, force=False)
    assert allowed_until(stack, _RULES, force=True) == now + timedelta(hours=1, minutes=55)


def test_an_open_incident_that_pages_is_waited_for(stack: Stack) -> None:
    incidents.create(stack, "down", "P2")
    with pytest.raises(GuardError, match=r"INC1 is open \(P2: down\)"):
        allowed_until(stack, _RULES, force=False)
    assert allowed_until(stack, _RULES, force=True)
    incidents.update(stack, "INC1", status=incidents.Status.RESOLVED, severity=None, says="over")
    assert allowed_until(stack, _RULES, force=False)


def test_an_incident_that_does_not_page_is_not(stack: Stack) -> None:
    incidents.create(stack, "a button is green", "P4")
    assert allowed_until(stack, _RULES, force=False)


@pytest.mark.parametrize(("why", "refused"), [("a restore", True), ("stopped", False)])
def test_who_holds_the_stack_is_not_disturbed(
    stack: Stack, aws: Aws, monkeypatch: pytest.MonkeyPatch, why: str, refused: bool
) -> None:
    held = lock.Lock(who="ada", since=_SUNDAY, why=why)
    monkeypatch.setattr(lock, "holder", lambda _stack: held)  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType]
    if refused:
        with pytest.raises(GuardError, match="is locked: a restore, by ada"):
            allowed_until(stack, _RULES, force=True)
    else:
        assert allowed_until(stack, _RULES, force=False)


def test_nothing_is_begun_when_the_time_is_up(stack: Stack, time: Time) -> None:
    def do(task: Task, left: timedelta) -> tuple[Outcome, str]:
        time.sleep(60)
        return Outcome.DONE, f"had {left.total_seconds():.0f} s"

    tasks = [Task(what=str(number), why="it is due") for number in range(3)]
    done = list(work(stack, tasks, _SUNDAY + timedelta(seconds=100), do))
    assert done == [
        Result(what="0", outcome=Outcome.DONE, seconds=60, says="had 100 s"),
        Result(what="1", outcome=Outcome.DONE, seconds=60, says="had 40 s"),
        Result(what="2", outcome=Outcome.LEFT, seconds=0, says="no time left; it is due"),
    ]


def test_what_aws_denies_is_no_permission(stack: Stack, aws: Aws) -> None:
    aws.answers["s3.ListObjectVersions"] = error("AccessDenied")
    with pytest.raises(Exception, match="AccessDenied"):
        allowed_until(stack, _RULES, force=False)
