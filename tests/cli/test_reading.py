"""The commands that only look: what they print, and how they end."""

import io
import json

import pytest

from cli.exit_codes import ExitCode
from cli.main import run
from tests.cli.lines import LINES, Line
from tests.operate import healthy, test_metrics
from tests.operate.double import Aws, Time

pytestmark = pytest.mark.usefixtures("page")


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.words)
def test_json_is_alone_on_standard_output(
    line: Line, aws: Aws, time: Time, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    time.now = line.now
    monkeypatch.setattr("sys.stdin", io.StringIO(line.typed))
    aws.answers.update(line.answers())
    assert run([*line.arguments, "--json"]) is ExitCode.FINE
    assert json.loads(capsys.readouterr().out)


def test_status_shows_parts_and_alarms(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.answers["cloudwatch.DescribeAlarms"] = healthy.alarms(healthy.alarm("disk", "critical"))
    assert run(["status", "staging"]) is ExitCode.FINE
    text = capsys.readouterr().out
    assert text.startswith("staging: release 2026.11.3\n")
    assert "application  ok  2 of 2 instances serve" in text
    assert "Critical  syncup-staging-disk  2026-11-24 12:00:00" in text


def test_an_unhealthy_stack_fails(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.answers["rds.DescribeDBInstances"] = healthy.database(DBInstanceStatus="failed")
    assert run(["health", "staging"]) is ExitCode.FAILED
    assert "!!  database" in capsys.readouterr().out


def test_metrics_are_written_as_the_guide_writes_them(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.answers["cloudwatch.GetMetricData"] = test_metrics.measuring(test_metrics.GOOD)
    assert run(["metrics", "staging"]) is ExitCode.FINE
    text = capsys.readouterr().out
    for words in ("CPU usage", "40%", "< 70%", "900ms", "150 req/s", "> 100 req/s", "not here"):
        assert words in text


def test_monitoring_fails_when_something_rings(
    aws: Aws, time: Time, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.answers["cloudwatch.GetMetricData"] = test_metrics.measuring({**test_metrics.GOOD, "error_rate": [9]})
    assert run(["monitor", "staging", "--duration", "2m"]) is ExitCode.FAILED
    captured = capsys.readouterr()
    assert captured.err.count("HighErrorRate: error_rate > 5%") == 3
    assert "something rang" in captured.out
    assert sum(time.slept) == 120


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    "words",
    [
        "monitor staging --duration 5",
        "monitor staging --duration 0m",
        "monitor staging --duration soon",
        "logs error staging --limit 0",
        "logs error staging --limit many",
        "logs error staging --since -1h",
        "logs search staging",
        "logs",
        "deployments list staging --limit 101",
        "deployments show staging",
        "status",
        "status staging production",
        "status staging --xml",
        "health",
        "metrics --json",
    ],
)
def test_wrong_words_are_one_line(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = run(words.split())
    captured = capsys.readouterr()
    assert status is ExitCode.USAGE
    assert len(captured.err.strip().splitlines()) == 1 or "Usage:" in captured.out + captured.err


def test_an_empty_search_is_wrong_usage(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["logs", "search", "staging", " "]) is ExitCode.USAGE
    assert "nothing to search for" in capsys.readouterr().err
    assert aws.calls == []


def test_following_ends_when_it_is_interrupted(
    aws: Aws, time: Time, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.answers.update(next(line.answers() for line in LINES if line.words.startswith("logs error")))

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupt)
    monkeypatch.setattr("cli.frame.CLOCK", time.clock)
    assert run(["logs", "error", "staging", "--follow"]) is ExitCode.INTERRUPTED
    assert "user 7 failed" in capsys.readouterr().out
    assert run(["logs", "error", "staging", "--follow", "--json"]) is ExitCode.INTERRUPTED
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["message"] == "500 user 7 failed"


def test_no_lines_are_said_to_be_none(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.answers.update(
        {
            "logs.StartQuery": {"queryId": "q"},
            "logs.GetQueryResults": {"status": "Complete", "results": []},
        }
    )
    assert run(["logs", "error", "staging"]) is ExitCode.FINE
    assert capsys.readouterr() == ("", "no such lines\n")
    assert run(["logs", "analyze", "staging"]) is ExitCode.FINE
    assert capsys.readouterr().out == "no errors\n"
