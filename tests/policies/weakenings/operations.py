"""Alarms, logs, events, notices, and what Datadog and PagerDuty make of them."""

import re
from collections.abc import Mapping
from typing import Any

from preview.graph import Graph, Resource
from tests.policies.weakenings.databases import GUIDE_WINDOW
from tests.policies.weakenings.documents import document, resource_policy
from tests.policies.weakenings.edits import (
    Output,
    Target,
    add,
    beside,
    both,
    but_not,
    change,
    delete,
    drop,
    has,
    only_first,
    relink,
    rewrite,
    together,
    under,
)
from tests.policies.weakenings.literals import ACCESS_KEY_ID, PASSWORD, SECRET_ACCESS_KEY
from tests.policies.weakenings.model import Condition, Kind, Weakening

GUIDE_ALERTS = "guide: Alert Thresholds"
GUIDE_ON_CALL = "guide: On-Call Escalation"
_CIS = "CIS 4.1-4.15"

alarm = Target("CloudWatch", "aws:cloudwatch/metricAlarm:MetricAlarm")
metric_filter = Target("CloudWatch", "aws:cloudwatch/logMetricFilter:LogMetricFilter")
mute_rule = Target("CloudWatch", "aws:cloudwatch/alarmMuteRule:AlarmMuteRule")
log_group = Target("CloudWatch Logs", "aws:cloudwatch/logGroup:LogGroup")
log_policy = Target("CloudWatch Logs", "aws:cloudwatch/logResourcePolicy:LogResourcePolicy")
rule = Target("EventBridge", "aws:cloudwatch/eventRule:EventRule")
rule_target = Target("EventBridge", "aws:cloudwatch/eventTarget:EventTarget")
topic = Target("SNS", "aws:sns/topic:Topic")
subscription = Target("SNS", "aws:sns/topicSubscription:TopicSubscription")
queue = Target("SQS", "aws:sqs/queue:Queue")
chat = Target("Amazon Q in chat", "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration")
monitor = Target("Datadog", "datadog:index/monitor:Monitor")
downtime = Target("Datadog", "datadog:index/downtimeSchedule:DowntimeSchedule")
integration = Target("Datadog", "datadog:aws/integrationAccount:IntegrationAccount")
escalation = Target("PagerDuty", "pagerduty:index/escalationPolicy:EscalationPolicy")
service = Target("PagerDuty", "pagerduty:index/service:Service")

_guide_alarm = under("syncup:operations:AlertAlarms")
_account_alarm = under("syncup:audit:Trail")
_other_alarm = but_not(under("syncup:operations:AlertAlarms", "syncup:audit:Trail"))
_guide_monitor = under("syncup:operations:DatadogMonitors")

_OWN_ALARMS = (
    "which alarms an environment needs besides the guide's and those of CIS is its own decision;"
    " whether one that is there calls somebody is judged"
)


def _quiet_topic(_target: Resource, graph: Graph) -> Resource:
    """The topic of the severity that calls nobody at night."""
    return graph.one(topic.type, "alerts-low")


def _alarms(which: Condition, whose: str, breaks: str) -> tuple[Weakening, ...]:
    return (
        alarm(Kind.ALERT, f"{whose}: no actions", breaks, drop("alarmActions"), where=which),
        alarm(
            Kind.ALERT, f"{whose}: an empty list of actions", breaks, change("alarmActions", []), where=which
        ),
        alarm(Kind.ALERT, f"{whose}: actions not enabled", breaks, add("actionsEnabled", False), where=which),
    )


def _looser(alarmed: Mapping[str, Any]) -> float:
    """A threshold that is reached ten times later."""
    return alarmed["threshold"] * (0.1 if alarmed["comparisonOperator"].startswith("Less") else 10)


def _loosened(resource: Resource, graph: Graph) -> tuple[Resource, ...]:
    return tuple(change("threshold", _looser(resource.inputs))(resource, graph))


_OTHER_WAY = {
    "GreaterThanThreshold": "LessThanThreshold",
    "GreaterThanOrEqualToThreshold": "LessThanOrEqualToThreshold",
    "LessThanThreshold": "GreaterThanThreshold",
    "LessThanOrEqualToThreshold": "GreaterThanOrEqualToThreshold",
}

CLOUDWATCH: tuple[Weakening, ...] = (
    alarm(Kind.SIDE_RESOURCE, "the guide's: deleted", GUIDE_ALERTS, delete, where=_guide_alarm),
    *_alarms(_guide_alarm, "the guide's", GUIDE_ALERTS),
    alarm(
        Kind.ALERT,
        "the guide's: to those who are not called",
        f"{GUIDE_ALERTS}; Severity Levels",
        relink("alarmActions", [Output("arn", of=_quiet_topic)]),
        where=_guide_alarm,
    ),
    alarm(
        Kind.ALERT, "the guide's: a threshold ten times as loose", GUIDE_ALERTS, _loosened, where=_guide_alarm
    ),
    alarm(
        Kind.ALERT,
        "the guide's: compared the other way round",
        GUIDE_ALERTS,
        rewrite("comparisonOperator", lambda operator: _OTHER_WAY[operator]),
        where=_guide_alarm,
    ),
    alarm(Kind.SIDE_RESOURCE, "of account activity: deleted", _CIS, delete, where=_account_alarm),
    *_alarms(_account_alarm, "of account activity", _CIS),
    *_alarms(_other_alarm, "others", "CloudWatch.15, CloudWatch.17"),
    alarm(
        Kind.SIDE_RESOURCE,
        "others: deleted",
        "guide: Monitoring & Alerting",
        delete,
        where=_other_alarm,
        excluded=_OWN_ALARMS,
    ),
    metric_filter(Kind.SIDE_RESOURCE, "of account activity: deleted", _CIS, delete, where=_account_alarm),
    metric_filter(
        Kind.DETECTION,
        "of account activity: looks for nothing that happens",
        _CIS,
        change("pattern", "{ $.eventName = NoSuchEvent }"),
        where=_account_alarm,
    ),
    mute_rule(
        Kind.WINDOW,
        "on Mondays at noon",
        GUIDE_WINDOW,
        change("rule.schedule.expression", "cron(0 12 * * MON)"),
    ),
    mute_rule(Kind.WINDOW, "every day", GUIDE_WINDOW, change("rule.schedule.expression", "cron(0 2 * * *)")),
    mute_rule(Kind.WINDOW, "for a day", GUIDE_WINDOW, change("rule.schedule.duration", "P1D")),
)

_LOGS_OF_SERVICES = ("/aws/lambda/", "/aws/codebuild/", "/aws/rds/", "/aws/opensearch/", "/aws/vendedlogs/")


def _of_a_service(resource: Resource, _graph: Graph) -> bool:
    return str(resource.inputs["name"]).startswith(_LOGS_OF_SERVICES)


_MADE_BY_AWS = "AWS makes the group by itself, without key and retention; CloudWatch best practices"

LOGS: tuple[Weakening, ...] = (
    log_group(Kind.KEY, "not encrypted by a key", "guide: encryption", drop("kmsKeyId")),
    log_group(Kind.RETENTION, "kept for a day", "CloudWatch.16", change("retentionInDays", 1)),
    log_group(Kind.RETENTION, "kept for no stated time", "CloudWatch.16", drop("retentionInDays")),
    log_group(Kind.SIDE_RESOURCE, "deleted, of a service", _MADE_BY_AWS, delete, where=_of_a_service),
    log_group(
        Kind.SIDE_RESOURCE,
        "deleted, of our own",
        _MADE_BY_AWS,
        delete,
        where=but_not(_of_a_service),
        excluded="what writes to it names it by a text of its own, and nothing declared misses it",
    ),
    *resource_policy(log_policy, "policyDocument", reads="logs:GetLogEvents", public="guide: Access Control"),
)

EVENTS: tuple[Weakening, ...] = (
    rule(Kind.DETECTION, "disabled", "GuardDuty.1; guide: Incident Response", add("state", "DISABLED")),
    rule_target(Kind.SIDE_RESOURCE, "deleted", "GuardDuty.1; guide: Incident Response", delete),
)

MESSAGES: tuple[Weakening, ...] = (
    topic(Kind.ENCRYPTION, "not encrypted", "SNS.1", drop("kmsMasterKeyId")),
    topic(
        Kind.KEY,
        "AWS's key instead of our own",
        "guide: encryption",
        change("kmsMasterKeyId", "alias/aws/sns"),
    ),
    topic(
        Kind.LOGGING,
        "deliveries not logged",
        "SNS.2",
        together(
            *(
                drop(f"{protocol}{outcome}FeedbackRoleArn")
                for protocol in ("http", "lambda", "sqs", "firehose", "application")
                for outcome in ("Success", "Failure")
            )
        ),
    ),
    *resource_policy(topic, "policy", reads="sns:Subscribe", public="SNS.4", tls=True),
    topic(
        Kind.PUBLIC,
        "open to everybody, by a policy beside it",
        "SNS.4",
        beside(
            "aws:sns/topicPolicy:TopicPolicy",
            {"arn": Output("arn"), "policy": document(Action="sns:Publish", Principal="*", Resource="*")},
        ),
    ),
    subscription(Kind.SIDE_RESOURCE, "deleted", GUIDE_ON_CALL, delete),
    subscription(
        Kind.TLS,
        "by plain HTTP",
        "guide: TLS",
        together(change("protocol", "http"), change("endpoint", "http://events.example.com/notices")),
    ),
    queue.tagged(PASSWORD),
    queue(
        Kind.ENCRYPTION,
        "not encrypted",
        "SQS.1",
        together(drop("kmsMasterKeyId"), add("sqsManagedSseEnabled", False)),
    ),
    queue(Kind.KEY, "AWS's key instead of our own", "guide: encryption", drop("kmsMasterKeyId")),
    queue(
        Kind.PUBLIC,
        "open to everybody, by its inline policy",
        "SQS.3",
        add("policy", document(Action="sqs:*", Principal="*", Resource="*")),
    ),
    queue(
        Kind.PUBLIC,
        "open to everybody, by a policy beside it",
        "SQS.3",
        beside(
            "aws:sqs/queuePolicy:QueuePolicy",
            {
                "queueUrl": Output("url"),
                "policy": document(Action=["sqs:ReceiveMessage"], Principal={"AWS": "*"}, Resource="*"),
            },
        ),
    ),
    *chat.off(
        Kind.WILDCARD,
        "no guardrail, which is the administrator's",
        "IAM.1",
        "guardrailPolicyArns",
        ["arn:aws:iam::aws:policy/AdministratorAccess"],
    ),
    *chat.off(
        Kind.AUTHENTICATION,
        "commands with the channel's role",
        "IAM best practices: least privilege",
        "userAuthorizationRequired",
        False,
    ),
)


def _without_handles(message: str) -> str:
    """A monitor's message that calls nobody."""
    return re.sub(r"@[\w-]+", "", message)


def _looser_monitor(resource: Resource, graph: Graph) -> tuple[Resource, ...]:
    """A query whose threshold is reached ten times later, with the threshold that has to equal it."""
    comparison, _, limit = resource.inputs["query"].rpartition(" ")
    looser = f"{float(limit) * (0.1 if comparison.endswith('<') else 10):g}"
    thresholds = {"critical": looser}
    edit = together(change("query", f"{comparison} {looser}"), change("monitorThresholds", thresholds))
    return tuple(edit(resource, graph))


def _calls(resource: Resource, _graph: Graph) -> bool:
    """Whether a monitor's message names somebody; with known outputs every handle is text."""
    return "@" in str(resource.inputs.get("message"))


DATADOG: tuple[Weakening, ...] = (
    monitor(Kind.SIDE_RESOURCE, "the guide's: deleted", GUIDE_ALERTS, delete, where=_guide_monitor),
    monitor(
        Kind.ALERT,
        "the guide's: calls nobody",
        GUIDE_ALERTS,
        rewrite("message", _without_handles),
        where=both(_guide_monitor, _calls),
    ),
    monitor(
        Kind.ALERT,
        "the guide's: a threshold ten times as loose",
        GUIDE_ALERTS,
        _looser_monitor,
        where=_guide_monitor,
    ),
    monitor(
        Kind.ALERT,
        "others: calls nobody",
        "guide: Monitoring & Alerting",
        rewrite("message", _without_handles),
        where=both(but_not(_guide_monitor), _calls),
    ),
    monitor(
        Kind.SIDE_RESOURCE,
        "others: deleted",
        "guide: Monitoring & Alerting",
        delete,
        where=but_not(_guide_monitor),
        excluded=_OWN_ALARMS,
    ),
    downtime(
        Kind.WINDOW,
        "on Mondays",
        GUIDE_WINDOW,
        change("recurringSchedule.recurrences.*.rrule", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO"),
    ),
    downtime(
        Kind.WINDOW,
        "every day",
        GUIDE_WINDOW,
        change("recurringSchedule.recurrences.*.rrule", "FREQ=DAILY;INTERVAL=1"),
    ),
    downtime(
        Kind.WINDOW, "for a day", GUIDE_WINDOW, change("recurringSchedule.recurrences.*.duration", "1d")
    ),
    downtime(
        Kind.WINDOW,
        "for good",
        GUIDE_WINDOW,
        together(drop("recurringSchedule"), add("oneTimeSchedule", {"start": "2026-01-04T02:00:00Z"})),
    ),
    integration(
        Kind.SECRET,
        "an access key instead of a role",
        "IAM best practices: roles for third parties",
        change(
            "authConfig",
            {"awsAuthConfigKeys": {"accessKeyId": ACCESS_KEY_ID, "secretAccessKey": SECRET_ACCESS_KEY}},
        ),
    ),
)

PAGERDUTY: tuple[Weakening, ...] = (
    escalation(Kind.ALERT, "nobody after the first level", GUIDE_ON_CALL, only_first("rules")),
    escalation(
        Kind.ALERT, "four hours at each level", GUIDE_ON_CALL, change("rules.*.escalationDelayInMinutes", 240)
    ),
    service(
        Kind.ALERT,
        "wakes nobody",
        "guide: Severity Levels",
        change("incidentUrgencyRule", {"type": "constant", "urgency": "low"}),
        where=has("incidentUrgencyRule.urgency", "high"),
    ),
)

WEAKENINGS: tuple[Weakening, ...] = (*CLOUDWATCH, *LOGS, *EVENTS, *MESSAGES, *DATADOG, *PAGERDUTY)
