"""The forwarder: every log event arrives in OpenSearch once, or is kept and rings."""

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from tests.functions import aws
from tests.functions.folder import modules
from tests.functions.server import Request, serving

BUCKET = "failed-logs"
Answer = Callable[[Request], tuple[int, bytes]]


class Clock:
    """A Lambda context whose time passes only while the function sleeps."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.slept: list[float] = []

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds -= seconds


class Forwarder:
    """The function with its surroundings: a bucket, and a domain that answers as told."""

    def __init__(self, module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.DeliveryError: type[Exception] = module.DeliveryError
        self._module = module
        self._patch = monkeypatch
        self.s3 = aws.client("s3")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": aws.REGION})

    def run(self, event: dict[str, Any], answer: Answer, *, clock: Clock | None = None) -> list[Request]:
        clock = clock or Clock(300)
        self._patch.setattr(self._module.deliver, "__defaults__", (clock.sleep,))
        with serving(answer) as server:
            self._patch.setenv("SEARCH_ENDPOINT", server.url)
            try:
                self._module.handler(event, clock)
            finally:
                self.requests = server.requests
        return server.requests

    def kept(self) -> list[dict[str, Any]]:
        """What lies in the bucket, one entry a failed event."""
        found: list[dict[str, Any]] = []
        for entry in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            body = self.s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read()
            found += [json.loads(line) for line in gzip.decompress(body).splitlines()]
        return found


@pytest.fixture
def forwarder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Forwarder]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "AWS_DEFAULT_REGION": aws.REGION,
        "FAILED_BUCKET": BUCKET,
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws(), modules("log_forwarder", "handler") as (handler,):
        yield Forwarder(handler, monkeypatch)


def subscription(*messages: str, kind: str = "DATA_MESSAGE") -> dict[str, Any]:
    """What CloudWatch Logs hands to a subscribed function."""
    payload = {
        "messageType": kind,
        "owner": "111122223333",
        "logGroup": "/syncup/test/application",
        "logStream": "i-0123456789abcdef0",
        "subscriptionFilters": ["search"],
        "logEvents": [
            {"id": f"{number}", "timestamp": 1_795_478_399_999 + number, "message": message}
            for number, message in enumerate(messages)
        ],
    }
    data = base64.b64encode(gzip.compress(json.dumps(payload).encode())).decode()
    return {"awslogs": {"data": data}}


def entries(request: Request) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The actions of a bulk body with their documents."""
    lines = [json.loads(line) for line in request.body.splitlines()]
    return list(zip(lines[::2], lines[1::2], strict=True))


def bulk(*statuses: int) -> tuple[int, bytes]:
    """A bulk answer with a status for each document."""
    items = [
        {"index": {"status": status} if status < 300 else {"status": status, "error": {"type": "no"}}}
        for status in statuses
    ]
    return 200, json.dumps({"errors": any(s >= 300 for s in statuses), "items": items}).encode()


def test_events_arrive_with_their_place_time_and_level(forwarder: Forwarder) -> None:
    event = subscription('{"level": "ERROR", "status": 500}', "plain text")
    (request,) = forwarder.run(event, lambda _: bulk(201, 201))
    assert (request.method, request.path) == ("POST", "/_bulk")
    assert request.headers["Content-Type"] == "application/x-ndjson"
    structured, plain = entries(request)
    assert structured == (
        {"index": {"_index": "logs-2026.11.23", "_id": "0"}},
        {
            "@timestamp": "2026-11-23T23:59:59.999+00:00",
            "group": "/syncup/test/application",
            "stream": "i-0123456789abcdef0",
            "message": '{"level": "ERROR", "status": 500}',
            "level": "error",
        },
    )
    assert plain[0] == {"index": {"_index": "logs-2026.11.24", "_id": "1"}}
    assert "level" not in plain[1]


def test_requests_are_signed_for_the_service_and_the_region(forwarder: Forwarder) -> None:
    (request,) = forwarder.run(subscription("x"), lambda _: bulk(201))
    assert f"/{aws.REGION}/es/aws4_request" in request.headers["Authorization"]
    assert request.headers["X-Amz-Security-Token"] == "testing"


@pytest.mark.parametrize("message", ["[1]", "null", '"text"', '{"level": 30}', "{", ""])
def test_no_message_breaks_the_batch(forwarder: Forwarder, message: str) -> None:
    (request,) = forwarder.run(subscription(message), lambda _: bulk(201))
    assert entries(request)[0][1]["message"] == message


def test_a_control_message_is_no_log(forwarder: Forwarder) -> None:
    assert forwarder.run(subscription("x", kind="CONTROL_MESSAGE"), lambda _: bulk(201)) == []


def test_what_is_no_subscription_payload_fails(forwarder: Forwarder) -> None:
    with pytest.raises(ValueError, match="base64"):
        forwarder.run({"awslogs": {"data": "not base64!"}}, lambda _: bulk())


def test_only_what_was_refused_for_now_is_sent_again(forwarder: Forwarder) -> None:
    answers = iter([bulk(201, 429, 503), bulk(201, 429), bulk(201)])
    requests = forwarder.run(subscription("a", "b", "c"), lambda _: next(answers))
    sent = [[action["index"]["_id"] for action, _ in entries(request)] for request in requests]
    assert sent == [["0", "1", "2"], ["1", "2"], ["2"]]
    assert forwarder.kept() == []


def test_a_domain_that_is_busy_as_a_whole_is_asked_again(forwarder: Forwarder) -> None:
    answers = iter([(429, b"Too Many Requests"), (503, b""), bulk(201)])
    assert len(forwarder.run(subscription("x"), lambda _: next(answers))) == 3


def test_what_never_arrives_is_kept_and_fails_the_invocation(forwarder: Forwarder) -> None:
    clock = Clock(300)
    with pytest.raises(forwarder.DeliveryError, match=r"1 of 2 .*application did not arrive.* 429 .*s3://"):
        forwarder.run(
            subscription("a", "b"),
            lambda request: bulk(201, 429) if len(entries(request)) == 2 else bulk(429),
            clock=clock,
        )
    assert len(forwarder.requests) == 6
    assert sum(clock.slept) < 16
    assert [pause > 0 for pause in clock.slept] == [True] * 5
    (kept,) = forwarder.kept()
    assert (kept["id"], kept["index"], kept["source"]["message"]) == ("1", "logs-2026.11.24", "b")


def test_what_is_refused_for_good_is_not_sent_again(forwarder: Forwarder) -> None:
    with pytest.raises(forwarder.DeliveryError, match="1 of 2"):
        forwarder.run(subscription("a", "b"), lambda _: bulk(201, 400))
    assert len(forwarder.requests) == 1
    assert [entry["id"] for entry in forwarder.kept()] == ["1"]


def test_a_caller_without_a_role_in_the_domain_fails_at_once(forwarder: Forwarder) -> None:
    with pytest.raises(forwarder.DeliveryError, match="403"):
        forwarder.run(subscription("a"), lambda _: (403, b'{"error": "no permissions"}'))
    assert len(forwarder.requests) == 1
    assert len(forwarder.kept()) == 1


def test_an_unreachable_domain_loses_nothing(forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang_up(_: Request) -> tuple[int, bytes]:
        raise ConnectionResetError

    def say_nothing(*_: object) -> None:
        pass

    monkeypatch.setattr("socketserver.BaseServer.handle_error", say_nothing)
    with pytest.raises(forwarder.DeliveryError, match="1 of 1"):
        forwarder.run(subscription("a"), hang_up)
    assert len(forwarder.kept()) == 1


def test_it_stops_trying_while_there_is_time_to_keep_what_failed(forwarder: Forwarder) -> None:
    clock = Clock(32)
    with pytest.raises(forwarder.DeliveryError):
        forwarder.run(subscription("a"), lambda _: bulk(429), clock=clock)
    assert clock.seconds >= 30
    assert len(forwarder.kept()) == 1


def test_a_repeated_invocation_keeps_the_same_events_once(forwarder: Forwarder) -> None:
    for _ in range(2):
        with pytest.raises(forwarder.DeliveryError):
            forwarder.run(subscription("a", "b"), lambda _: bulk(400, 400))
    assert len(forwarder.kept()) == 2


def test_large_batches_go_in_requests_that_the_domain_takes(forwarder: Forwarder) -> None:
    requests = forwarder.run(
        subscription(*["x" * 900_000] * 10), lambda request: bulk(*[201] * len(entries(request)))
    )
    assert [len(entries(request)) for request in requests] == [4, 4, 2]
