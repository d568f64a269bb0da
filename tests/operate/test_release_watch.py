"""A release that has come is watched, and goes back for what it has set off, and for nothing else."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from infra.reading import read_guide
from operate import release_watch
from operate.alarms import Alarm
from operate.errors import OperationError, RemoteError
from operate.stack import Stack
from tests.operate.double import NOW, Aws, error
from tests.operate.releasing import NEW, OLD, World, bring

pytestmark = pytest.mark.usefixtures("site")
GUIDE = read_guide()


@pytest.fixture(autouse=True)
def measured(aws: Aws) -> None:
    """No metric has values, as where nothing is wrong."""
    aws.answers["cloudwatch.GetMetricData"] = {"MetricDataResults": []}


def _alarm(name: str) -> Alarm:
    return Alarm(name=name, severity="High", since=NOW, region="us-west-2", says="it is wrong")


def _rings(monkeypatch: pytest.MonkeyPatch, *looks: Sequence[str]) -> None:
    """What rings at each look; the last goes on."""

    def answers() -> Iterator[list[Alarm]]:
        for names in looks:
            yield [_alarm(name) for name in names]
        while True:
            yield [_alarm(name) for name in looks[-1]]

    found = answers()

    def ringing(_: Stack) -> list[Alarm]:
        return next(found)

    monkeypatch.setattr("operate.alarms.ringing", ringing)


def _watched(stack: Stack, world: World, said: list[str]) -> None:
    watch = release_watch.begin(stack, timedelta(minutes=3))
    bring(stack, world)
    release_watch.prove(stack, world, GUIDE, watch, said.append, release=NEW)


def test_what_rang_before_is_no_reason_to_go_back(
    stack: Stack, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _rings(monkeypatch, ["old"])
    said: list[str] = []
    _watched(stack, world, said)
    assert world.everywhere == {NEW}
    assert [line.split("  ")[1] for line in said] == ["old rings"] * 4


def test_an_alarm_that_begins_to_ring_brings_the_release_before(
    stack: Stack, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _rings(monkeypatch, ["old"], ["old"], ["old", "new"])
    with pytest.raises(OperationError) as caught:
        _watched(stack, world, [])
    assert str(caught.value) == f"new rings since the release came; staging runs {OLD} again"
    assert world.everywhere == {OLD}
    assert world.lock is None


def test_what_cannot_go_back_says_so(stack: Stack, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _rings(monkeypatch, [], ["new"])
    watch = release_watch.begin(stack, timedelta(minutes=3))
    bring(stack, world)
    world.suspended = ["Launch"]
    with pytest.raises(OperationError, match=r"^new rings since .*; staging does not go back by itself: "):
        release_watch.prove(stack, world, GUIDE, watch, lambda _: None, release=NEW)
    assert world.everywhere == {NEW}


def test_a_release_of_which_nobody_knows_stays(stack: Stack, world: World, aws: Aws) -> None:
    watch = release_watch.begin(stack, timedelta(minutes=3))
    bring(stack, world)
    aws.answers["cloudwatch.GetMetricData"] = error("ServiceUnavailable", status=503)
    with pytest.raises(RemoteError, match=f"whether {NEW} is good nobody knows: `syncup monitor staging"):
        release_watch.prove(stack, world, GUIDE, watch, lambda _: None, release=NEW)
    assert world.everywhere == {NEW}
