"""What a query finds on this machine is what CloudWatch Logs Insights would find."""

import json

import pytest

from local.insights import Event, QueryError, run
from operate.logs import ERRORS, REQUESTS, containing

LINES = (
    {"level": "info", "message": "signed in", "status": 200},
    {"level": "error", "message": "timeout | after 30 s", "status": 504},
    {"level": "fatal", "message": 'a "word"'},
    {"level": "warn", "message": "too many", "status": 429, "httpRequest": {"clientIp": "203.0.113.7"}},
)
EVENTS = [
    Event(at_ms=1_700_000_000_000 + number, stream="i-1", message=json.dumps(line), pointer=str(number))
    for number, line in enumerate(LINES)
]
PLAIN = Event(at_ms=1_700_000_000_123, stream="i-2", message="no JSON", pointer="p")


def _found(which: str) -> list[int]:
    rows = run(f"fields @message | {which} | sort @timestamp desc | limit 10", EVENTS)
    return [int(row["@ptr"]) for row in rows]


@pytest.mark.parametrize(
    ("which", "found"),
    [
        (ERRORS, [2, 1]),
        (REQUESTS, [3, 1, 0]),
        (containing("timeout"), [1]),
        (containing("timeout | after"), [1]),
        (containing("nobody says this"), []),
        ("filter status = 429", [3]),
        ('filter httpRequest.clientIp = "203.0.113.7"', [3]),
    ],
)
def test_a_filter_lets_through_what_it_says(which: str, found: list[int]) -> None:
    assert _found(which) == found


def test_a_text_with_quotes_is_found_as_it_stands_in_the_line() -> None:
    assert _found(containing('\\"word')) == [2]


def test_rows_have_the_fields_that_are_asked_for() -> None:
    (row,) = run("fields @timestamp, @logStream, @message | limit 1", [PLAIN])
    assert row == {
        "@timestamp": "2023-11-14 22:13:20.123",
        "@logStream": "i-2",
        "@message": "no JSON",
        "@ptr": "p",
    }


def test_lines_are_counted_by_fields_the_most_frequent_first() -> None:
    rows = run("stats count(*) as n by level | sort n desc | limit 1", [*EVENTS, *EVENTS[:1]])
    assert rows == [{"level": "info", "n": "2"}]


def test_nothing_is_counted_as_nothing() -> None:
    assert run("filter status = 999 | stats count(*) as n", EVENTS) == [{"n": "0"}]


@pytest.mark.parametrize(
    "query",
    ["parse @message /x/", "filter level =~ /x/", "stats avg(status) as a", "filter level != 'x'"],
)
def test_what_is_not_known_is_refused(query: str) -> None:
    with pytest.raises(QueryError, match="local does not know"):
        run(query, EVENTS)
