"""`syncup incident`: what it says, how it ends, and that a refusal changes nothing."""

import io
import json
from collections.abc import Iterator

import pytest
from botocore import exceptions

from cli.exit_codes import ExitCode
from cli.main import run
from tests.operate import healthy, test_postmortem
from tests.operate.double import Aws, error
from tests.operate.records import Records
from tests.operate.services import CREDENTIALS, Services, services

_COMMANDS = (
    "create staging --title slow --severity P1",
    "update staging --id INC1 --status investigating",
    "close staging --id INC1",
    "postmortem staging --id INC1",
    "list staging",
)
_ENDPOINT = "https://aws.example.com/"
_FAILURES = {
    "throttled": error("ThrottlingException", "Rate exceeded"),
    "expired": error("ExpiredTokenException", "The security token is expired"),
    "denied": error("AccessDeniedException", "User is not authorized"),
    "not found": error("ResourceNotFoundException", "There is none"),
    "slow": exceptions.ReadTimeoutError(endpoint_url=_ENDPOINT),
    "cut off": exceptions.EndpointConnectionError(endpoint_url=_ENDPOINT),
}


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The services, and the credentials for them in the environment."""
    for variable, value in CREDENTIALS.items():
        monkeypatch.setenv(variable, value)
    with services() as found:
        monkeypatch.setattr("operate.incident_services.Addresses", lambda: found.addresses)
        yield found


@pytest.fixture
def records(aws: Aws, others: Services) -> Records:
    """The bucket, in which there is INC1 already."""
    found = Records()
    aws.answers.update({**found.answers(), **test_postmortem.ANSWERS})
    assert run(["incident", "create", "staging", "--title", "down"]) is ExitCode.FINE
    aws.calls.clear()
    return found


def _run(words: str) -> ExitCode:
    return run(["incident", *words.split()])


@pytest.mark.usefixtures("records", "time")
def test_an_incident_from_its_beginning_to_its_end(
    others: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    words = ["incident", "update", "staging", "--id", "INC1", "--severity", "P1", "--message", "disk is full"]
    assert run(words) is ExitCode.FINE
    captured = capsys.readouterr()
    assert "P1  open  ada: is P1; disk is full" in captured.out
    assert "PagerDuty: trigger" in captured.err
    assert _run("close staging --id INC1") is ExitCode.FINE
    assert _run("close staging --id INC1") is ExitCode.FINE
    capsys.readouterr()
    assert _run("list staging") is ExitCode.FINE
    assert "INC1  P1  closed" in capsys.readouterr().out
    assert [event["event_action"] for event in others.events] == ["trigger", "resolve"]
    assert len(others.messages) == 3


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("words", _COMMANDS)
def test_json_is_alone_on_standard_output(
    words: str, records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert _run(f"{words} --json") is ExitCode.FINE
    assert json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("words", [words for words in _COMMANDS if not words.startswith("list")])
def test_a_dry_run_changes_nothing(
    words: str, records: Records, aws: Aws, others: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, before = others.asked.total(), dict(records.objects)
    assert _run(f"{words} --dry-run") is ExitCode.FINE
    capsys.readouterr()
    assert _run(f"{words} --dry-run --json") is ExitCode.FINE
    said = json.loads(capsys.readouterr().out)
    assert not said.get("done") and not said.get("kept")  # noqa: PT018 (one of them is there)
    assert aws.changes == []
    assert others.asked.total() == asked
    assert records.objects == before


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("words", _COMMANDS)
@pytest.mark.parametrize("bad", sorted(_FAILURES))
def test_a_bad_answer_to_any_call_before_the_first_change_is_one_line(
    words: str, bad: str, records: Records, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    before = dict(records.objects)
    assert _run(f"{words} --yes" if not words.startswith(("postmortem", "list")) else words) is ExitCode.FINE
    calls = list(aws.calls)
    first = next((number for number, call in enumerate(calls) if call.changes), len(calls))
    names = [call.name for call in calls]
    for failing in [number for number in map(names.index, dict.fromkeys(names)) if number < first]:
        records.objects = dict(before)
        aws.calls.clear()
        aws.failure, aws.failing = _FAILURES[bad], failing
        capsys.readouterr()
        status = _run(words)
        aws.failing = None
        captured = capsys.readouterr()
        wanted = ExitCode.FAILED if bad == "not found" else ExitCode.REMOTE
        assert status is wanted, f"{names[failing]}: {captured.err}"
        assert captured.out == ""
        assert captured.err.splitlines()[-1].startswith(("AWS ", "there "))
        assert records.objects == before
        assert not any(secret in captured.err for secret in CREDENTIALS.values())


@pytest.mark.usefixtures("records", "time")
@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ("create staging", ExitCode.USAGE, "--title"),
        ("create staging --title \0", ExitCode.USAGE, "the title is one line"),
        ("create staging --title \0 --dry-run", ExitCode.USAGE, "the title is one line"),
        ("create staging --title x --severity P9", ExitCode.USAGE, "P9"),
        ("create moon --title x", ExitCode.USAGE, "moon"),
        ("update staging --id INC1 --status closed", ExitCode.USAGE, "closed"),
        ("update staging --id INC1 --status done", ExitCode.USAGE, "done"),
        ("update staging --id 7", ExitCode.USAGE, "INC123"),
        ("update staging", ExitCode.USAGE, "--id"),
        ("update staging --id INC9 --status resolved", ExitCode.FAILED, "there is no incident INC9"),
        ("close staging --id INC9", ExitCode.FAILED, "there is no incident INC9"),
        ("postmortem staging --id ../x", ExitCode.USAGE, "INC123"),
        ("list staging --limit 0", ExitCode.USAGE, "--limit"),
        ("reopen staging", ExitCode.USAGE, "reopen"),
    ],
)
def test_what_cannot_be_meant_is_one_line(
    words: str, status: ExitCode, said: str, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert _run(words) is status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err.splitlines()[-1]
    assert aws.changes == []


@pytest.mark.usefixtures("records", "time")
def test_a_channel_that_fails_is_told_by_the_next_update(
    others: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    others.failing["/api"] = 500
    assert run(["incident", "update", "staging", "--id", "INC1", "--message", "found it"]) is ExitCode.REMOTE
    assert "INC1 is recorded, but Slack answers 500; `syncup incident update" in capsys.readouterr().err
    others.failing.clear()
    assert _run("update staging --id INC1") is ExitCode.FINE
    assert [message["text"].rpartition(": ")[2] for message in others.messages[1:]] == ["found it"]


@pytest.mark.usefixtures("time")
def test_production_asks_for_its_name(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, others: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Records()
    aws.answers.update(found.answers())
    aws.answers["ssm.GetParametersByPath"] = healthy.outputs(healthy.OUTPUTS, "production")
    for typed, status in (
        ("", ExitCode.USAGE),
        ("staging\n", ExitCode.GUARD),
        ("production\n", ExitCode.FINE),
    ):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        assert _run("create production --title down") is status
        assert bool(found.objects) == (status is ExitCode.FINE)
