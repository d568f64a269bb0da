"""Whatever rings reaches somebody, who finds a page that says what to do."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from components.alerts import measured
from components.metric_forms import Role
from infra.layers.monitoring import alerts
from infra.reading import ROOT
from preview.graph import Graph, Resource
from preview.values import Secret
from tests.program.invariants.look import FUNCTION, TOPIC, at, items, region_of
from tests.program.stacks import Built

ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
MONITOR: Final = "datadog:index/monitor:Monitor"
SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"
SERVICE: Final = "pagerduty:index/service:Service"
_CHANNEL: Final = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"
_RUNBOOKS: Final = ROOT / "docs" / "runbooks"
_PAGERDUTY: Final = r"https://events\.pagerduty\.com/integration/\S+/enqueue"


def every_alert_rings_and_has_its_page(stack: Built) -> Iterator[str]:
    """Each of the guide's alerts has an alarm and a monitor for every source, which name its runbook."""
    for alert in alerts(stack.project.guide):
        sources = measured(alert.threshold.metric, _roles(stack))
        if not sources:
            yield f"{alert.name} is measured nowhere"
        if not (_RUNBOOKS / f"{alert.slug}.md").is_file():
            yield f"{alert.name} has no runbook"
        page = re.escape(f"/{alert.slug}.md")
        for suffix in map(alert.suffix, sources):
            alarm = _named(stack.known, ALARM, f"alerts-{suffix}")
            if not alarm or not re.search(rf"{page}$", str(alarm.inputs.get("alarmDescription"))):
                yield f"{alert.name} ({suffix}) has no alarm that names its runbook"
            elif at(alarm.inputs, "tags", "Severity") != alert.severity:
                yield f"{alarm.urn}: it is not {alert.severity}"
            monitor = _named(stack.known, MONITOR, f"monitors-{suffix}")
            if not monitor or not re.search(rf"{page}$", str(monitor.inputs.get("message")), re.MULTILINE):
                yield f"{alert.name} ({suffix}) has no monitor that names its runbook"


def _roles(stack: Built) -> frozenset[Role]:
    """What there is to measure."""
    replica = stack.project.settings.database.replica
    return frozenset(role for role in Role if replica or role is not Role.REPLICA)


def _named(graph: Graph, token: str, name: str) -> Resource | None:
    return next((found for found in graph.all(token) if found.name == name), None)


def every_alarm_is_routed_and_has_its_page(stack: Built) -> Iterator[str]:
    """To the topic of its severity in its own region, when it rings and when it is over.

    One that tells nobody stops a roll-out.
    """
    topics = {topic.outputs["arn"]: topic for topic in stack.known.all(TOPIC)}
    stopping = str(stack.known.stack_outputs.get("refresh-alarms")).split(",")
    for alarm in stack.known.all(ALARM):
        actions = items(alarm.inputs, "alarmActions")
        if actions or alarm["name"] not in stopping:
            severity = str(at(alarm.inputs, "tags", "Severity"))
            told = [(region_of(stack, topics[arn]), topics[arn]["name"]) for arn in actions if arn in topics]
            fitting = [
                region == region_of(stack, alarm) and name.endswith(f"-{severity.lower()}")
                for region, name in told
            ]
            if fitting != [True]:
                yield f"{alarm.urn}: it is {severity} and tells {told or actions}"
        if items(alarm.inputs, "okActions") != actions:
            yield f"{alarm.urn}: nobody hears that it is over"
        page = str(alarm.inputs.get("alarmDescription")).rpartition("/runbooks/")[2]
        if not page or not (_RUNBOOKS / page).is_file():
            yield f"{alarm.urn}: there is no runbook {page!r}"


def whatever_pages_reaches_the_pager_once(stack: Built) -> Iterator[str]:
    """A topic has one subscription if its severity pages, and none if not; the channel hears of each.

    Functions of ours may listen too: they page nobody.
    """
    graph, paging = stack.known, stack.project.guide.paging_severities
    heard = set(chain.from_iterable(items(chat.inputs, "snsTopicArns") for chat in graph.all(_CHANNEL)))
    functions = {function.outputs["arn"] for function in graph.all(FUNCTION)}
    for topic in graph.all(TOPIC):
        severity = topic["name"].rpartition("-")[2].capitalize()
        subscribed = [one for one in graph.all(SUBSCRIPTION) if one["topic"] == topic.outputs["arn"]]
        pagers = [one for one in subscribed if at(one.inputs, "endpoint") not in functions]
        if len(pagers) != (severity in paging):
            yield f"{topic.urn}: {len(pagers)} subscriptions for {severity}"
        for one in subscribed:
            if region_of(stack, one) != region_of(stack, topic):
                yield f"{one.urn}: it is in {region_of(stack, one)}"
        for one in pagers:
            endpoint = at(one.inputs, "endpoint")
            if not isinstance(endpoint, Secret) or not re.fullmatch(_PAGERDUTY, str(endpoint.value)):
                yield f"{one.urn}: its endpoint is not the pager's"
        if topic.outputs["arn"] not in heard:
            yield f"{topic.urn}: the channel does not hear of it"


def the_pager_calls_the_escalation(stack: Built) -> Iterator[str]:
    """Every service escalates, and the steps are the guide's levels, each with its schedule."""
    graph = stack.known
    policies = {
        policy.id: policy for policy in graph.all("pagerduty:index/escalationPolicy:EscalationPolicy")
    }
    schedules = {schedule.id: schedule["name"] for schedule in graph.all("pagerduty:index/schedule:Schedule")}
    for service in graph.all(SERVICE):
        if service["escalationPolicy"] not in policies:
            yield f"{service.urn}: it calls nobody"
    levels = [level.level for level in stack.project.guide.escalation]
    for policy in policies.values():
        called = [
            schedules.get(at(rule, "targets", 0, "id"), "nobody") for rule in items(policy.inputs, "rules")
        ]
        if [name.split()[2:3] for name in called] != [[level] for level in levels]:
            yield f"{policy.urn}: it calls {called}"
