"""PagerDuty, Slack and the status page say what the timeline says, each thing once, whatever fails."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from infra.reading import read_guide
from operate import channels, incident_services, incidents
from operate.channels import tell
from operate.clock import Clock
from operate.errors import GuardError, OperationError, RemoteError
from operate.incident_services import Channels
from operate.incidents import Incident, Status, Turn
from operate.stack import Stack
from tests.operate.double import NOW, Time
from tests.operate.moto_stack import moto_stack
from tests.operate.services import CREDENTIALS, Services, services

_SEVERITIES = read_guide().severities


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, time: Time) -> Iterator[Stack]:
    with moto_stack(monkeypatch, time) as found:
        yield found


@pytest.fixture
def others() -> Iterator[Services]:
    with services() as found:
        yield found


def _to(others: Services, **environ: str) -> Channels:
    return incident_services.channels(_SEVERITIES, {**CREDENTIALS, **environ}, others.addresses)


def _tell(stack: Stack, others: Services, **environ: str) -> list[str]:
    said: list[str] = []
    tell(stack, "INC1", _to(others, **environ), said.append)
    return said


def _update(stack: Stack, status: Status | None, severity: str | None = None, says: str = "new") -> Incident:
    return incidents.update(stack, "INC1", status=status, severity=severity, says=says)


def _actions(others: Services) -> list[str]:
    return [event["event_action"] for event in others.events]


def _updates(others: Services) -> list[str]:
    return [status for one in others.page.values() for status, _ in one["updates"]]


def test_all_three_follow_an_incident_to_its_end(stack: Stack, others: Services) -> None:
    incidents.create(stack, "Nobody can sign in", "P1")
    _tell(stack, others)
    for status in (Status.INVESTIGATING, Status.MITIGATING, Status.RESOLVED, Status.CLOSED):
        _update(stack, status, says=f"is {status}")
        _tell(stack, others)
    assert _actions(others) == ["trigger", "acknowledge", "resolve"]
    assert {event["dedup_key"] for event in others.events} == {"syncup-staging-INC1"}
    assert others.events[0]["payload"]["severity"] == "critical"
    texts = [message["text"] for message in others.messages]
    assert texts[0] == "*INC1 (P1) staging: Nobody can sign in*"
    for text, status in zip(texts[1:], ("investigating", "mitigating", "resolved", "closed"), strict=True):
        assert text.startswith(f"INC1 (P1, {status}), ")
        assert text.endswith(f": is {status}")
    assert {message["thread_ts"] for message in others.messages[1:]} == {others.messages[0]["ts"]}
    assert _updates(others) == ["investigating", "identified", "resolved"]
    (shown,) = others.page.values()
    assert shown["name"] == "Nobody can sign in"
    assert set(shown["components"].values()) == {"operational"}


def test_what_was_told_is_not_told_again(stack: Stack, others: Services) -> None:
    incidents.create(stack, "down", "P1")
    assert _tell(stack, others) == [
        "PagerDuty: trigger",
        "Slack: opened a thread",
        "StatusPage: shows investigating (critical)",
    ]
    asked = others.asked.total()
    assert _tell(stack, others) == []
    assert others.asked.total() == asked


@pytest.mark.parametrize("path", ["/v2", "/api", "/v1"])
@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_a_channel_that_refuses_is_told_later_and_the_others_at_once(
    stack: Stack, others: Services, path: str, status: int
) -> None:
    incidents.create(stack, "down", "P1")
    others.failing[path] = status
    with pytest.raises(
        RemoteError, match=r"^INC1 is recorded, but .*`syncup incident update staging --id INC1`"
    ) as failed:
        _tell(stack, others)
    assert "\n" not in str(failed.value)
    assert not any(secret in str(failed.value) for secret in CREDENTIALS.values())
    assert [bool(others.events), bool(others.messages), bool(others.page)].count(True) == 2
    others.failing.clear()
    _tell(stack, others)
    assert (len(others.events), len(others.messages), len(others.page)) == (1, 1, 1)


@pytest.mark.parametrize("path", ["/v2", "/api/chat", "/v1"])
def test_an_answer_that_gets_lost_doubles_nothing_that_people_see(
    stack: Stack, others: Services, path: str
) -> None:
    incidents.create(stack, "down", "P1")
    _tell(stack, others)
    _update(stack, Status.MITIGATING)
    others.losing.add(path)
    with pytest.raises(RemoteError):
        _tell(stack, others)
    _tell(stack, others)
    assert len({str(event) for event in others.events}) == 2
    assert len(others.messages) == 2
    assert _updates(others) == ["investigating", "identified"]


@pytest.mark.parametrize("body", [b"[]", b"{}", b"null", b'{"ok": true}', b'"text"', b"<html>"])
def test_an_answer_of_another_form_is_one_line(
    stack: Stack, others: Services, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    incidents.create(stack, "down", "P1")
    monkeypatch.setattr(Services, "answer", lambda *_: (200, body))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    with services() as odd, pytest.raises(RemoteError, match="INC1 is recorded, but") as failed:
        _tell(stack, odd)
    assert "\n" not in str(failed.value)


def test_a_page_that_may_have_gone_out_is_taken_back(stack: Stack, others: Services) -> None:
    incidents.create(stack, "down", "P1")
    others.losing.add("/v2")
    with pytest.raises(RemoteError):
        _tell(stack, others)
    _update(stack, None, "P4")
    _tell(stack, others)
    assert _actions(others) == ["trigger", "resolve"]


def test_a_first_message_whose_answer_got_lost_is_found(stack: Stack, others: Services) -> None:
    incidents.create(stack, "down", "P1")
    others.losing.add("/api/chat")
    with pytest.raises(RemoteError):
        _tell(stack, others)
    _update(stack, Status.RESOLVED)
    _tell(stack, others)
    assert [message.get("thread_ts") for message in others.messages] == [None, others.messages[0]["ts"]]


@pytest.mark.parametrize("missing", sorted(CREDENTIALS))
def test_a_missing_credential_is_named_and_the_others_are_told(
    stack: Stack, others: Services, missing: str
) -> None:
    incidents.create(stack, "down", "P1")
    with pytest.raises(OperationError, match=missing) as failed:
        _tell(stack, others, **{missing: ""})
    assert not isinstance(failed.value, RemoteError)
    assert [bool(others.events), bool(others.messages), bool(others.page)].count(True) == 2


@pytest.mark.parametrize("bad", ["line\nbreak", "with space", "ünicode"])
@pytest.mark.parametrize("variable", sorted(CREDENTIALS))
def test_a_credential_of_another_form_is_never_shown(
    stack: Stack, others: Services, variable: str, bad: str
) -> None:
    incidents.create(stack, "down", "P1")
    with pytest.raises(OperationError) as failed:
        _tell(stack, others, **{variable: bad})
    assert variable in str(failed.value)
    assert bad not in str(failed.value)


@pytest.mark.parametrize("severity", ["P3", "P4"])
def test_what_does_not_page_wakes_nobody(stack: Stack, others: Services, severity: str) -> None:
    incidents.create(stack, "a button is green", severity)
    _tell(stack, others)
    assert others.events == []
    assert len(others.messages) == 1
    assert len(others.page) == (severity == "P3")


def test_a_severity_that_rises_pages_and_one_that_falls_ends_the_page(stack: Stack, others: Services) -> None:
    incidents.create(stack, "odd", "P4")
    _tell(stack, others)
    _update(stack, Status.INVESTIGATING, "P1")
    _tell(stack, others)
    assert _actions(others) == ["trigger", "acknowledge"]
    _update(stack, None, "P4")
    _tell(stack, others)
    assert _actions(others)[2:] == ["resolve"]
    assert _updates(others) == ["investigating", "resolved"]


def test_the_public_reads_the_title_and_nothing_of_the_timeline(stack: Stack, others: Services) -> None:
    incidents.create(stack, "slow", "P2")
    _update(stack, Status.MITIGATING, says="root password was in the log")
    _tell(stack, others)
    assert "password" not in str(others.page)


def test_texts_call_nobody_in_slack(stack: Stack, others: Services) -> None:
    incidents.create(stack, "a < b & <!channel>", "P3")
    _tell(stack, others)
    assert "a &lt; b &amp; &lt;!channel&gt;" in others.messages[0]["text"]


def test_of_two_at_once_each_thing_is_told_once(
    stack: Stack, others: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "_POLL_SECONDS", 0.02)
    # A clock that goes on by waiting would let nobody's turn last.
    stack = replace(stack, clock=Clock())
    incidents.create(stack, "down", "P1")

    def one(number: int) -> Any:
        _update(stack, None, says=f"entry {number}")
        return _tell(stack, others)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(one, range(3)))
    assert len(others.messages) == 4
    assert len(others.page) == 1
    assert _actions(others) == ["trigger"]
    assert incidents.read(stack, "INC1").turn is None


def test_who_is_telling_is_waited_for_and_who_was_interrupted_is_not(
    stack: Stack, others: Services, time: Time
) -> None:
    incidents.create(stack, "down", "P1")
    incidents.change(
        stack,
        "INC1",
        lambda incident: replace(incident, turn=Turn(who="somebody", mark="t", since=NOW)),
    )
    _tell(stack, others)
    assert time.now - NOW == channels.TURN
    assert len(others.messages) == 1


def test_one_who_never_ends_telling_is_a_guard(stack: Stack, others: Services, time: Time) -> None:
    incidents.create(stack, "down", "P1")

    def busy(seconds: float) -> None:
        time.sleep(seconds)
        turn = Turn(who="somebody", mark="t", since=time.now)
        incidents.change(stack, "INC1", lambda incident: replace(incident, turn=turn))

    busy(1)
    with pytest.raises(GuardError, match="somebody else tells"):
        _tell(replace(stack, clock=replace(stack.clock, sleep=busy)), others)
    assert others.messages == []


def test_on_local_nobody_is_told(monkeypatch: pytest.MonkeyPatch, time: Time, others: Services) -> None:
    with moto_stack(monkeypatch, time, "local") as stack:
        incidents.create(stack, "practice", "P1")
        assert "for practice" in _tell(stack, others)[0]
    assert others.asked.total() == 0
