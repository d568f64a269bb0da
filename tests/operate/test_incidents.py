"""An incident's number is given once, and nobody's entry is lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from operate import incidents
from operate.errors import OperationError, UsageError
from operate.incidents import Status
from operate.stack import Stack
from tests.operate.double import NOW, Time
from tests.operate.healthy import OUTPUTS
from tests.operate.moto_stack import moto_stack

_BUCKET = OUTPUTS["records-bucket"]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, time: Time) -> Iterator[Stack]:
    with moto_stack(monkeypatch, time) as found:
        yield found


def test_numbers_follow_each_other_and_what_is_read_is_what_was_written(stack: Stack) -> None:
    made = [incidents.create(stack, f"problem {number}", "P2") for number in range(3)]
    assert [one.id for one in made] == ["INC1", "INC2", "INC3"]
    assert incidents.read(stack, "INC2") == made[1]
    assert incidents.recent(stack, 2) == [made[2], made[1]]


def test_a_number_is_not_given_again_when_its_incident_is_gone(stack: Stack) -> None:
    incidents.create(stack, "one", "P2")
    incidents.create(stack, "two", "P2")
    stack.client("s3").delete_object(Bucket=_BUCKET, Key="incidents/INC2.json")
    assert incidents.create(stack, "three", "P2").id == "INC3"
    assert [one.id for one in incidents.recent(stack, 10)] == ["INC3", "INC1"]


def test_two_that_open_at_once_get_two_numbers(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    both = Barrier(2)
    numbers = incidents.numbers

    def together(asked: Stack) -> Iterator[int]:
        found = list(numbers(asked))
        both.wait(10)
        return iter(found)

    monkeypatch.setattr(incidents, "numbers", together)
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(incidents.create, stack, title, "P1") for title in ("one", "two")]
        made = [future.result() for future in waiting]
    assert sorted(one.id for one in made) == ["INC1", "INC2"]
    assert {incidents.read(stack, one.id).title for one in made} == {"one", "two"}


def test_two_that_write_at_once_both_stand_in_the_timeline(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    incidents.create(stack, "slow", "P2")
    get, waiting = incidents.fetch, [True, True]
    both = Barrier(2)

    def together(asked: Stack, identifier: str) -> object:
        found = get(asked, identifier)
        if waiting:
            waiting.pop()
            both.wait(10)
        return found

    monkeypatch.setattr(incidents, "fetch", together)

    def write(says: str) -> None:
        incidents.update(stack, "INC1", status=None, severity=None, says=says)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, ("one", "two")))
    says = [entry.says for entry in incidents.read(stack, "INC1").timeline]
    assert says[0] == "opened: slow"
    assert sorted(says[1:]) == ["one", "two"]


def test_an_answer_that_got_lost_doubles_nothing(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    put = incidents.write

    def lose(*arguments: object) -> bool:
        put(*arguments)  # pyright: ignore[reportArgumentType]
        return put(*arguments)  # pyright: ignore[reportArgumentType] (what botocore does when no answer came)

    monkeypatch.setattr(incidents, "write", lose)
    assert incidents.create(stack, "once", "P2").id == "INC1"
    incidents.update(stack, "INC1", status=None, severity=None, says="entry")
    assert len(incidents.read(stack, "INC1").timeline) == 2
    assert [one.id for one in incidents.recent(stack, 10)] == ["INC1"]


def test_status_and_severity_are_the_latest_and_the_end_is_the_first_of_the_last_good_ones(
    stack: Stack, time: Time
) -> None:
    incidents.create(stack, "down", "P1")
    for minutes, status in enumerate(
        (Status.INVESTIGATING, Status.RESOLVED, Status.INVESTIGATING, Status.RESOLVED, Status.CLOSED), start=1
    ):
        time.now = NOW + timedelta(minutes=minutes)
        seen = incidents.update(stack, "INC1", status=status, severity=None, says=str(status))
        assert seen.status is status
        assert (seen.ended is None) == (status is Status.INVESTIGATING)
    assert incidents.read(stack, "INC1").ended == NOW + timedelta(minutes=4)
    assert incidents.read(stack, "INC1").severity == "P1"


def test_what_is_closed_stays_closed(stack: Stack) -> None:
    incidents.create(stack, "down", "P1")
    closed = incidents.update(stack, "INC1", status=Status.CLOSED, severity=None, says="closed")
    with pytest.raises(OperationError, match="INC1 is closed"):
        incidents.update(stack, "INC1", status=Status.INVESTIGATING, severity=None, says="again")
    assert incidents.read(stack, "INC1") == closed


@pytest.mark.parametrize("title", ["", "  ", "two\nlines", "\x1b[2J", "x" * 201])
def test_a_title_is_one_line(stack: Stack, title: str) -> None:
    with pytest.raises(UsageError, match="one line"):
        incidents.create(stack, title, "P1")
    assert incidents.recent(stack, 10) == []


@pytest.mark.parametrize("identifier", ["", "INC0", "INC-1", "INC1.json", "inc1", "7", "../INC1"])
def test_an_identifier_has_one_form(stack: Stack, identifier: str) -> None:
    with pytest.raises(UsageError, match="INC123"):
        incidents.read(stack, identifier)


def test_one_that_is_not_there_is_said_to_be_missing(stack: Stack) -> None:
    with pytest.raises(OperationError, match="there is no incident INC7"):
        incidents.read(stack, "INC7")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"id": "INC1"}', "not JSON"])
def test_a_record_of_another_form_is_one_line(stack: Stack, text: str) -> None:
    stack.client("s3").put_object(Bucket=_BUCKET, Key="incidents/INC1.json", Body=text.encode())
    with pytest.raises(OperationError, match=r"INC1\.json in \S+ is not what this command writes"):
        incidents.read(stack, "INC1")


def test_a_postmortem_lies_beside_the_timeline(stack: Stack) -> None:
    incidents.create(stack, "down", "P1")
    assert incidents.keep_postmortem(stack, "INC1", "# Why") == f"s3://{_BUCKET}/incidents/INC1-postmortem.md"
    assert [one.id for one in incidents.recent(stack, 10)] == ["INC1"]
