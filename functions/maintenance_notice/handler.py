"""Announces the next maintenance window, 48 hours before it begins.

The scheduler says in the event when it rang, so nothing here asks a clock.
"""

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def handler(event: dict[str, Any], _context: object) -> None:
    """Publishes the notice to the topic; raises what SNS raises, so that a failure rings."""
    session: Any = boto3.Session()
    announce(event, session.client("sns").publish)


def announce(event: dict[str, Any], publish: Callable[..., Any]) -> None:
    """Publishes the notice in the form that Slack's messages are made of.

    https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
    """
    title, description = notice(event)
    message = {
        "version": "1.0",
        "source": "custom",
        "content": {"textType": "client-markdown", "title": title, "description": description},
    }
    publish(TopicArn=os.environ["TOPIC_ARN"], Subject=title[:100], Message=json.dumps(message))


def notice(event: dict[str, Any]) -> tuple[str, str]:
    """Title and text of the notice.

    Args:
        event: `scheduled` (ISO 8601, UTC), `environment`, `day`, `start`, `end`, `time_zone`,
            `notice_hours`, `team`.
    """
    day = window_date(event["scheduled"], event["day"], event["notice_hours"])
    title = f"Maintenance of SyncUp {event['environment']} on {event['day'].capitalize()}, {day.isoformat()}"
    description = (
        f"From {event['start']} to {event['end']} ({event['time_zone']}). Alarms are muted meanwhile. "
        f"On duty: {', '.join(event['team'])}."
    )
    return title, description


def window_date(scheduled: str, day: str, notice_hours: int) -> date:
    """The local date of the window that begins `notice_hours` after the notice.

    In local time the date may be the day before or after the one in UTC: the one of the three that is
    the right weekday.
    """
    begins = datetime.fromisoformat(scheduled).astimezone(UTC) + timedelta(hours=notice_hours)
    nearby = (begins.date() + timedelta(days=shift) for shift in (0, 1, -1))
    return next(near for near in nearby if _DAYS[near.weekday()] == day)
