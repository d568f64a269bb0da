"""The draft has what was recorded, in order, and asks people for the rest."""

from datetime import timedelta
from typing import Any

from operate.incidents import Entry, Incident, Status
from operate.postmortem import draft
from operate.stack import Stack
from tests.operate import test_deployments as deployments
from tests.operate.double import NOW, Aws, Parameters


def incident(*, over: bool = True) -> Incident:
    """One that lasted 90 minutes, or does so still."""
    statuses = [(0, "P2", Status.OPEN, "opened: slow"), (30, "P1", Status.INVESTIGATING, "is P1")]
    statuses += [(90, "P2", Status.RESOLVED, "is resolved")] if over else []
    return Incident(
        id="INC7",
        title="Pages are slow",
        timeline=tuple(
            Entry(
                at=NOW - timedelta(hours=3) + timedelta(minutes=at), who="ada", severity=p, status=s, says=t
            )
            for at, p, s, t in statuses
        ),
    )


def history(asked: Parameters) -> Any:
    """One of ours and one of another stack."""
    return {
        "AlarmHistoryItems": [
            {
                "AlarmName": name,
                "Timestamp": NOW - timedelta(hours=3, minutes=5),
                "HistorySummary": "Alarm updated from OK to ALARM",
            }
            for name in ("syncup-staging-high-latency", "syncup-production-high-latency")
        ]
    }


ANSWERS: dict[str, Any] = {"cloudwatch.DescribeAlarmHistory": history, **deployments.HISTORY}


def test_the_draft_says_what_was_recorded(stack: Stack, aws: Aws) -> None:
    aws.answers.update(ANSWERS)
    text = draft(stack, incident())
    assert text.startswith("# INC7: Pages are slow\n")
    assert "- Severity: P1, P2 at the end\n" in text
    assert "- Over: 2026-11-24 10:30:00 UTC, after 1 h 30 min\n" in text
    assert "- 2026-11-24 09:30:00 UTC P1 investigating, ada: is P1\n" in text
    assert "`syncup-staging-high-latency`: Alarm updated from OK to ALARM" in text
    assert "production" not in text
    assert "2026.11.3: Successful" not in text.partition("## Deployments")[0]
    for title in ("Impact", "Cause", "What helped, what did not", "What we change"):
        assert f"## {title}\n*" in text
    assert aws.changes == []


def test_only_deployments_that_may_have_to_do_with_it_are_there(stack: Stack, aws: Aws) -> None:
    aws.answers.update(ANSWERS)
    began = [NOW - timedelta(hours=hours) for hours in (1, 4, 26, 28)]
    aws.answers.update(
        deployments.told(
            *(
                {**deployments.refresh(1, "3"), "StartTime": at, "Status": f"At{n}"}
                for n, at in enumerate(began)
            )
        )
    )
    text = draft(stack, incident())
    assert [name for name in ("At0", "At1", "At2", "At3") if name in text] == ["At1", "At2"]


def test_one_that_is_not_over_says_so(stack: Stack, aws: Aws) -> None:
    aws.answers.update({**ANSWERS, "cloudwatch.DescribeAlarmHistory": {"AlarmHistoryItems": []}})
    text = draft(stack, incident(over=False))
    assert "- Not over: investigating\n" in text
    assert "## Alarms\n- none changed\n" in text
