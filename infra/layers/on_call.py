"""The on-call layer: the pager and the chat, what reaches them, and what is kept of it."""

from datetime import timedelta

from components.alarms import Severity
from components.chat import Chat, ChatArgs
from components.context import Context
from components.on_call import Level, OnCall, OnCallArgs, RegionalTopics, Rotation
from components.records import Records
from infra.guide import Guide
from infra.layers.foundations import Foundations
from infra.settings import Settings


def on_call(context: Context, settings: Settings, guide: Guide, *, foundations: Foundations) -> OnCall:
    """PagerDuty's schedules, escalation and services."""
    people = settings.on_call.people
    args = OnCallArgs(
        levels=[
            Level(
                name=level.level,
                role=level.role,
                after_minutes=level.after // timedelta(minutes=1),
                people=people[level.level],
            )
            for level in guide.escalation
        ],
        rotation=Rotation(
            time_zone=settings.on_call.time_zone,
            start=settings.on_call.rotation_start,
            days=settings.on_call.rotation_days,
        ),
        paging={severity: severity in guide.paging_severities for severity in Severity},
        topics=_topics(context, foundations),
    )
    return OnCall("on-call", context, args)


def chat(context: Context, settings: Settings, *, foundations: Foundations) -> Chat:
    """Slack hears of everything, whether it pages or not."""
    args = ChatArgs(
        workspace_id=settings.monitoring.slack.workspace_id,
        channel_id=settings.monitoring.slack.channel_id,
        topic_arns=[
            regional.topics.topic(severity)
            for regional in _topics(context, foundations).values()
            for severity in Severity
        ],
    )
    return Chat("chat", context, args)


def records(context: Context, *, foundations: Foundations) -> Records:
    """What is kept of incidents."""
    keys, access_logs = foundations.encryption, foundations.access_logs
    return Records("records", context, key=keys.data, access_logs=access_logs.home)


def _topics(context: Context, foundations: Foundations) -> dict[str, RegionalTopics]:
    return {
        "home": RegionalTopics(region=context.region, topics=foundations.alarms.topics),
        "recovery": RegionalTopics(region=context.recovery_region, topics=foundations.recovery_alarms.topics),
        "global": RegionalTopics(region=context.global_region, topics=foundations.global_alarms.topics),
    }
