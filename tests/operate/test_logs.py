"""Log lines: found, followed without loss or repetition, and grouped."""

import itertools
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operate import logs
from operate.errors import RemoteError
from operate.logs import Line
from operate.stack import Stack
from tests.operate.double import NOW, Aws, Parameters, Time

NOTHING: list[Any] = []


def row(number: int, message: str, **said: Any) -> list[dict[str, str]]:
    """One row of an answer."""
    line = json.dumps({"level": "error", "message": message, **said})
    return [
        {"field": "@timestamp", "value": f"2026-11-24 11:59:{number:02}.000"},
        {"field": "@logStream", "value": "i-1"},
        {"field": "@message", "value": line},
        {"field": "@ptr", "value": f"p{number}"},
    ]


def answering(aws: Aws, *answers: Sequence[Any], running: int = 1) -> None:
    """Each query finds the next of the answers, after it has run for a while."""
    found, numbers = iter(answers), itertools.count()
    waiting: dict[str, list[Any]] = {}

    def start(_: Parameters) -> Any:
        name = f"q{next(numbers)}"
        still: dict[str, Any] = {"status": "Running", "results": []}
        waiting[name] = [still] * running + [{"status": "Complete", "results": list(next(found))}]
        return {"queryId": name}

    aws.answers["logs.StartQuery"] = start
    aws.answers["logs.GetQueryResults"] = lambda asked: waiting[asked["queryId"]].pop(0)
    aws.answers["logs.StopQuery"] = {"success": True}


def test_lines_come_the_oldest_first_with_level_and_message(stack: Stack, aws: Aws) -> None:
    answering(aws, [row(2, "second", status=502), row(1, "first")])
    found = logs.lines(stack, logs.ERRORS, since=timedelta(hours=1), limit=7)
    assert [(line.level, line.message) for line in found] == [("error", "first"), ("error", "502 second")]
    (asked,) = aws.named("logs.StartQuery")
    assert asked["logGroupName"] == "/syncup/staging/application"
    assert asked["endTime"] - asked["startTime"] == 3600
    assert asked["queryString"].endswith("| sort @timestamp desc | limit 7")
    assert aws.named("logs.StopQuery") == []


def test_a_line_that_is_no_json_is_shown_as_it_is(stack: Stack, aws: Aws) -> None:
    plain = [{"field": "@timestamp", "value": "t"}, {"field": "@message", "value": "panic: [1, 2\n"}]
    answering(aws, [plain])
    (line,) = logs.lines(stack, logs.ERRORS, since=timedelta(hours=1), limit=1)
    assert (line.level, line.message) == ("", "panic: [1, 2")


@pytest.mark.parametrize("status", ["Failed", "Cancelled", "Timeout", "Unknown"])
def test_a_query_that_ends_badly_is_an_error(stack: Stack, aws: Aws, status: str) -> None:
    answering(aws, [])
    aws.answers["logs.GetQueryResults"] = {"status": status, "results": []}
    with pytest.raises(RemoteError, match=status):
        logs.lines(stack, logs.ERRORS, since=timedelta(hours=1), limit=1)


def test_a_query_that_never_ends_is_given_up_and_stopped(stack: Stack, aws: Aws, time: Time) -> None:
    answering(aws, [])
    aws.answers["logs.GetQueryResults"] = {"status": "Running", "results": []}
    with pytest.raises(RemoteError, match="15 minutes"):
        logs.lines(stack, logs.ERRORS, since=timedelta(hours=1), limit=1)
    assert len(aws.named("logs.StopQuery")) == 1
    assert sum(time.slept) == 15 * 60


def test_an_interrupted_query_is_stopped(stack: Stack, aws: Aws) -> None:
    answering(aws, [])

    def interrupt(_: Parameters) -> Any:
        raise KeyboardInterrupt

    aws.answers["logs.GetQueryResults"] = interrupt
    with pytest.raises(KeyboardInterrupt):
        logs.lines(stack, logs.ERRORS, since=timedelta(hours=1), limit=1)
    assert len(aws.named("logs.StopQuery")) == 1


def test_who_follows_sees_late_lines_and_none_twice(stack: Stack, aws: Aws) -> None:
    answering(
        aws, [row(1, "one")], [row(3, "three"), row(1, "one")], [row(3, "three"), row(2, "late")], running=0
    )
    seen = list(itertools.islice(logs.follow(stack, logs.ERRORS), 3))
    assert [line.message for line in seen] == ["one", "three", "late"]
    starts = [asked["startTime"] for asked in aws.named("logs.StartQuery")]
    assert starts == [int(NOW.timestamp())] * 3


def test_who_follows_long_looks_back_a_minute(stack: Stack, aws: Aws, time: Time) -> None:
    answering(aws, *[NOTHING] * 20, [row(1, "one")], running=0)
    next(logs.follow(stack, logs.ERRORS))
    last = aws.named("logs.StartQuery")[-1]
    assert last["startTime"] == int(time.now.timestamp()) - 60


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("timeout", '"timeout"'),
        ('say "hi"', '"say \\"hi\\""'),
        ("a\\b", '"a\\\\b"'),
        ('" | delete', '"\\" | delete"'),
    ],
)
def test_a_text_is_searched_for_as_it_is_written(text: str, written: str) -> None:
    assert logs.containing(text) == f"filter @message like {written}"


@given(st.text())
def test_no_text_ends_its_own_quotes(text: str) -> None:
    inside = logs.containing(text).removeprefix('filter @message like "')[:-1]
    assert '"' not in inside.replace("\\\\", "").replace('\\"', "")


@pytest.mark.parametrize(
    ("message", "pattern"),
    [
        ("user 42 failed after 1.5 s", "user <n> failed after <n> s"),
        ("job 7f9c24e8-3b12-4fef-91a0-6c5d1e2f3a4b is gone", "job <id> is gone"),
        ("connect to 10.0.3.17:5432 refused", "connect to <address> refused"),
        ("no mail to anna.b@example.com", "no mail to <email>"),
        ("late since 2026-11-24T11:59:00Z", "late since <time>"),
        ("object deadbeef01 is missing", "object <id> is missing"),
        ("p99 is high", "p99 is high"),
        ("nothing to replace", "nothing to replace"),
    ],
)
def test_a_pattern_is_a_message_without_what_differs(message: str, pattern: str) -> None:
    assert logs.pattern(message) == pattern


def _line(number: int, message: str) -> Line:
    return Line(at=f"t{number}", stream="i-1", level="error", message=message, pointer=str(number))


def test_patterns_are_counted_with_their_first_and_last() -> None:
    found = [_line(1, "user 1 failed"), _line(2, "disk full"), _line(3, "user 22 failed")]
    often, once = logs.patterns(found)
    assert (often.count, often.message, often.first, often.last) == (2, "user <n> failed", "t1", "t3")
    assert often.example == "user 22 failed"
    assert (once.count, once.message) == (1, "disk full")


@given(st.lists(st.sampled_from(["a 1", "a 2", "b", "c 3"])))
def test_no_line_is_lost_in_grouping(messages: list[str]) -> None:
    found = logs.patterns([_line(number, message) for number, message in enumerate(messages)])
    assert sum(one.count for one in found) == len(messages)
