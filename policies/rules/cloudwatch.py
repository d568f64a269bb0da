"""CloudWatch: alarms that call somebody, and logs that are there when they are needed."""

import re
from collections.abc import Iterable
from typing import Any, Final

from policies.mutes import of_alarms
from policies.rule import OUT_OF_SCOPE, Level, Problems, Rule, Severity, rule
from policies.stack import Stack
from policies.view import Resource, UndecidedError, any_holds
from policies.windows import weekly

_ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
_COMPOSITE: Final = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_FILTER: Final = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
_TRAIL: Final = "aws:cloudtrail/trail:Trail"

_HUB: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html"
_LOGS: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs"


# Alarms ------------------------------------------------------------------------------------------------


@rule(
    name="cloudwatch-alarm-has-actions",
    title="Alarms call somebody",
    severity=Severity.HIGH,
    controls=("CloudWatch.15",),
    types=(_ALARM,),
    why="An alarm without an action is a red line that nobody looks at.",
    fix="""
        aws.cloudwatch.MetricAlarm("errors", alarm_actions=[topic.arn])
    """,
    link=f"{_HUB}#cloudwatch-15",
)
def alarm_has_actions(alarm: Resource, stack: Stack) -> Problems:
    """It has none where nothing is said. One that a composite alarm with actions names calls through that."""
    if alarm.is_present("alarmActions"):
        return None
    if any_holds(
        lambda whole: whole.is_present("alarmActions") and _is_part(alarm, whole), stack.all(_COMPOSITE)
    ):
        return None
    return "it has no alarm_actions"


def _is_part(alarm: Resource, whole: Resource) -> bool:
    """Whether a composite alarm's rule names an alarm, or is made from what the alarm will be called."""
    if alarm.urn in whole.property_dependencies.get("alarmRule", ()):
        return True
    name = alarm.raw("name")
    return isinstance(name, str) and f'"{name}"' in whole.text("alarmRule")


@rule(
    name="cloudwatch-alarm-actions-enabled",
    title="The actions of alarms are on",
    severity=Severity.HIGH,
    controls=("CloudWatch.17",),
    types=(_ALARM, _COMPOSITE),
    why="An alarm whose actions are off looks like one that calls.",
    fix="""
        aws.cloudwatch.MetricAlarm("errors", alarm_actions=[topic.arn], actions_enabled=True)
    """,
    link=f"{_HUB}#cloudwatch-17",
)
def alarm_actions_enabled(alarm: Resource) -> Problems:
    """They are on unless it says otherwise."""
    return None if alarm.flag("actionsEnabled", default=True) else "actions_enabled is off"


@rule(
    name="cloudwatch-mute-rule-in-window",
    title="Alarms are muted inside the maintenance window alone",
    severity=Severity.HIGH,
    types=("aws:cloudwatch/alarmMuteRule:AlarmMuteRule",),
    why="An alarm that is muted at another time is one that does not ring when it should.",
    fix="""
        aws.cloudwatch.AlarmMuteRule(
            "maintenance",
            rule={"schedule": {"expression": "cron(0 2 * * SUN)", "duration": "PT2H", "timezone": "UTC"}},
        )
    """,
    link="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-mute-rules.html",
)
def mute_rule_in_window(mute: Resource, *, maintenance_window: str) -> Problems:
    """The zone is UTC where nothing is said. One that mutes a single time, `at(…)`, somebody has decided."""
    schedule = mute.object("rule.schedule")
    allowed, expression = weekly(maintenance_window), schedule.text("expression")
    if allowed is None or expression.startswith("at("):
        return OUT_OF_SCOPE
    spans = of_alarms(expression, schedule.text("timezone"), schedule.text("duration"))
    if spans and all(map(allowed.holds, spans)):
        return None
    return "rule.schedule is not inside the pack's maintenance_window"


# What is done in the account ---------------------------------------------------------------------------


def _activity(
    name: str, *, control: str, title: str, why: str, words: str, anchor: str = "cloudwatch-controls"
) -> Rule:
    """A rule that asks every trail for a metric filter and an alarm about one kind of activity.

    Args:
        name: the rule's name, after `cloudwatch-trail-alarms-`.
        control: the item of the benchmark.
        title: the rule's title.
        why: what goes unnoticed without it.
        words: the words that a filter's pattern has to have, the events by their names.
        anchor: where AWS describes it.
    """
    wanted = frozenset(words.split())
    pattern = " || ".join(f"($.eventName = {word})" for word in words.split()[:2])

    @rule(
        name=f"cloudwatch-trail-alarms-{name}",
        title=title,
        severity=Severity.LOW,
        controls=(control,),
        types=(_TRAIL,),
        why=why,
        fix=f"""
            # The pattern has to have: {words}
            aws.cloudwatch.LogMetricFilter(
                "{name}",
                log_group_name=trail_group.name,
                pattern="{{ {pattern} }}",
                metric_transformation={{"name": "{name}", "namespace": "Account", "value": "1"}},
            )
            aws.cloudwatch.MetricAlarm(
                "{name}",
                namespace="Account",
                metric_name="{name}",
                statistic="Sum",
                period=300,
                evaluation_periods=1,
                comparison_operator="GreaterThanOrEqualToThreshold",
                threshold=1,
                alarm_actions=[topic.arn],
            )
        """,
        link=f"{_HUB}#{anchor}",
    )
    def alarms(trail: Resource, stack: Stack) -> Problems:
        """A trail that sends nothing to CloudWatch Logs is another rule's."""
        if not trail.is_present("cloudWatchLogsGroupArn"):
            return OUT_OF_SCOPE
        if any_holds(
            lambda side: wanted <= _words(side.text("pattern")) and _is_alarmed(side, stack),
            _filters(trail, stack),
        ):
            return None
        return f"no metric filter of its log group has an alarm that calls somebody (CIS {control[4:]})"

    return alarms


def _words(pattern: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", pattern))


def _filters(trail: Resource, stack: Stack) -> Iterable[Resource]:
    """The metric filters of the log group to which a trail sends its events."""
    group = next(stack.behind(trail, "cloudWatchLogsGroupArn", _GROUP), None)
    if group is not None:
        return stack.beside(group, _FILTER, by="logGroupName")
    name = trail.text("cloudWatchLogsGroupArn").removesuffix(":*").rpartition(":log-group:")[2]
    return [side for side in stack.all(_FILTER) if side.raw("logGroupName") == name]


def _is_alarmed(side: Resource, stack: Stack) -> bool:
    """Whether an alarm that calls somebody watches a filter's metric."""
    metric = side.object("metricTransformation")
    return any_holds(
        lambda alarm: (
            alarm.is_present("alarmActions")
            and alarm.flag("actionsEnabled", default=True)
            and alarm.text("metricName") == metric.text("name")
            and alarm.text("namespace") == metric.text("namespace")
        ),
        stack.all(_ALARM),
    )


trail_unauthorized = _activity(
    "refused-calls",
    control="CIS 4.1",
    title="Calls that AWS refuses raise an alarm",
    why="Somebody who tries which doors are open shows by those that are not.",
    words="UnauthorizedOperation AccessDenied",
    anchor="cloudwatch-2",
)
trail_sign_in_without_mfa = _activity(
    "sign-in-without-mfa",
    control="CIS 4.2",
    title="A sign-in without a second factor raises an alarm",
    why="A password alone is what somebody else may have as well.",
    words="ConsoleLogin MFAUsed",
    anchor="cloudwatch-3",
)
trail_root = _activity(
    "root-use",
    control="CIS 4.3",
    title="The use of the root user raises an alarm",
    why="Nobody works as root: whoever does has taken the account over, or is about to break it.",
    words="Root invokedBy AwsServiceEvent",
    anchor="cloudwatch-1",
)
trail_iam_policies = _activity(
    "iam-policy-changes",
    control="CIS 4.4",
    title="Changes of IAM policies raise an alarm",
    why="An intruder gives himself rights before he uses them.",
    words="DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy"
    " CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy"
    " AttachUserPolicy DetachUserPolicy AttachGroupPolicy DetachGroupPolicy",
    anchor="cloudwatch-4",
)
trail_trails = _activity(
    "trail-changes",
    control="CIS 4.5",
    title="Changes of trails raise an alarm",
    why="An intruder switches the recording off first.",
    words="CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging",
    anchor="cloudwatch-5",
)
trail_failed_sign_ins = _activity(
    "failed-sign-ins",
    control="CIS 4.6",
    title="Failed sign-ins raise an alarm",
    why="Somebody who guesses passwords fails often before he succeeds.",
    words="ConsoleLogin Failed authentication",
    anchor="cloudwatch-6",
)
trail_keys = _activity(
    "key-deletion",
    control="CIS 4.7",
    title="Keys that are disabled or about to be deleted raise an alarm",
    why="What a deleted key encrypts nobody reads again; there is a month at most to notice.",
    words="DisableKey ScheduleKeyDeletion",
    anchor="cloudwatch-7",
)
trail_buckets = _activity(
    "bucket-policy-changes",
    control="CIS 4.8",
    title="Changes of who may reach a bucket raise an alarm",
    why="A bucket that opens by mistake is found by others within hours.",
    words="PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication"
    " DeleteBucketPolicy DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication",
    anchor="cloudwatch-8",
)
trail_configuration = _activity(
    "config-changes",
    control="CIS 4.9",
    title="Changes of AWS Config raise an alarm",
    why="Without the recorder nobody sees what else changes.",
    words="StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder",
    anchor="cloudwatch-9",
)
trail_security_groups = _activity(
    "security-group-changes",
    control="CIS 4.10",
    title="Changes of security groups raise an alarm",
    why="A port that is opened for a test stays open.",
    words="AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress"
    " RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup",
    anchor="cloudwatch-10",
)
trail_network_acls = _activity(
    "network-acl-changes",
    control="CIS 4.11",
    title="Changes of network ACLs raise an alarm",
    why="The second line of the network's defence is opened as quietly as the first.",
    words="CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry"
    " ReplaceNetworkAclEntry ReplaceNetworkAclAssociation",
    anchor="cloudwatch-11",
)
trail_gateways = _activity(
    "gateway-changes",
    control="CIS 4.12",
    title="Changes of gateways to other networks raise an alarm",
    why="A new gateway is a new way in, and a new way out for data.",
    words="CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway"
    " DeleteInternetGateway DetachInternetGateway",
    anchor="cloudwatch-12",
)
trail_routes = _activity(
    "route-changes",
    control="CIS 4.13",
    title="Changes of routes raise an alarm",
    why="A route sends traffic past everything that watches it.",
    words="CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable"
    " DeleteRoute DisassociateRouteTable",
    anchor="cloudwatch-13",
)
trail_vpcs = _activity(
    "vpc-changes",
    control="CIS 4.14",
    title="Changes of VPCs raise an alarm",
    why="A peering joins two networks of which only one was meant to be reached.",
    words="CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection"
    " DeleteVpcPeeringConnection RejectVpcPeeringConnection AttachClassicLinkVpc DetachClassicLinkVpc"
    " DisableVpcClassicLink EnableVpcClassicLink",
    anchor="cloudwatch-14",
)
trail_organization = _activity(
    "organization-changes",
    control="CIS 4.15",
    title="Changes of the organisation raise an alarm",
    why="The organisation's policies hold for every account, and so does their removal.",
    words="organizations AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy"
    " DeclineHandshake DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy"
    " DisablePolicyType EnablePolicyType InviteAccountToOrganization LeaveOrganization MoveAccount"
    " RemoveAccountFromOrganization UpdatePolicy UpdateOrganizationalUnit",
)


# Logs --------------------------------------------------------------------------------------------------


@rule(
    name="cloudwatch-log-group-encrypted-with-key",
    title="Log groups are encrypted with a KMS key",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_GROUP,),
    why="Logs repeat what people and programs said: with a key of one's own, reading takes a right on it.",
    fix="""
        aws.cloudwatch.LogGroup("logs", kms_key_id=key.arn, retention_in_days=365)
    """,
    link=f"{_LOGS}/encrypt-log-data-kms.html",
)
def log_group_encrypted_with_key(group: Resource) -> Problems:
    """That there is a key is enough; without one, AWS's own encrypts."""
    return None if group.is_present("kmsKeyId") else "it has no kms_key_id"


@rule(
    name="cloudwatch-log-group-retention",
    title="Logs are kept long enough",
    severity=Severity.MEDIUM,
    controls=("CloudWatch.16",),
    types=(_GROUP,),
    why="Intrusions are found months later, and then the logs of that day have to be there.",
    fix="""
        aws.cloudwatch.LogGroup("logs", retention_in_days=365)
    """,
    link=f"{_HUB}#cloudwatch-16",
)
def log_group_retention(group: Resource, *, minimum_log_retention_days: int) -> Problems:
    """They are kept for ever where nothing is said, or 0. AWS sets the days of the class DELIVERY itself."""
    if group.text("logGroupClass") == "DELIVERY":
        return OUT_OF_SCOPE
    if 0 < group.number("retentionInDays", default=0) < minimum_log_retention_days:
        return f"retention_in_days is below {minimum_log_retention_days}"
    return None


@rule(
    name="cloudwatch-log-group-states-retention",
    title="Log groups say how long they keep logs",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_GROUP,),
    why="Logs that are kept for ever cost more every month and hold what should have been forgotten.",
    fix="""
        aws.cloudwatch.LogGroup("logs", retention_in_days=365)
    """,
    link=f"{_LOGS}/Working-with-log-groups-and-streams.html#SettingLogRetention",
)
def log_group_states_retention(group: Resource) -> Problems:
    """They are kept for ever where nothing is said, or 0. AWS sets the days of the class DELIVERY itself."""
    if group.text("logGroupClass") == "DELIVERY":
        return OUT_OF_SCOPE
    stated = group.number("retentionInDays", default=0) > 0
    return None if stated else "it has no retention_in_days"


@rule(
    name="cloudwatch-service-log-group-declared",
    title="The log groups that services make by themselves are declared",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(
        "aws:lambda/function:Function",
        "aws:codebuild/project:Project",
        "aws:rds/instance:Instance",
        "aws:rds/cluster:Cluster",
        "aws:rds/proxy:Proxy",
    ),
    why="A group that AWS makes has no key, keeps logs for ever, and stays when its service has gone.",
    fix="""
        aws.cloudwatch.LogGroup("logs", name="/aws/lambda/api", kms_key_id=key.arn, retention_in_days=365)
        aws.lambda_.Function("api", name="api")
    """,
    link=f"{_LOGS}/Working-with-log-groups-and-streams.html",
)
def service_log_group_declared(service: Resource, stack: Stack) -> Problems:
    """By the names that AWS gives the groups, or by a name that comes from the service's own."""
    wanted = _log_groups(service)
    if not wanted:
        return OUT_OF_SCOPE
    if all(_is_declared(name, service, stack) for name in wanted):
        return None
    return "a log group that it writes to is not declared"


def _log_groups(service: Resource) -> list[str | None]:
    """The names of the groups that AWS makes for a service, None where nobody knows its own name yet."""
    match service.type:
        case "aws:rds/proxy:Proxy":
            return [_joined("/aws/rds/proxy/", service.raw("name"))]
        case "aws:rds/instance:Instance" | "aws:rds/cluster:Cluster":
            kind = "cluster" if service.type.endswith("Cluster") else "instance"
            called = service.raw("clusterIdentifier" if kind == "cluster" else "identifier")
            logs = service.texts("enabledCloudwatchLogsExports")
            return [_joined(f"/aws/rds/{kind}/", called, f"/{log}") for log in logs]
        case "aws:codebuild/project:Project":
            logs = service.object("logsConfig.cloudwatchLogs")
            if logs.text("status") == "DISABLED":
                return []
            return [logs.text("groupName") or _joined("/aws/codebuild/", service.raw("name"))]
        case _:
            group = service.text("loggingConfig.logGroup")
            return [group or _joined("/aws/lambda/", service.raw("name"))]


def _joined(before: str, name: Any, behind: str = "") -> str | None:
    return f"{before}{name}{behind}" if isinstance(name, str) else None


def _is_declared(name: str | None, service: Resource, stack: Stack) -> bool:
    def is_it(group: Resource) -> bool:
        given = group.raw("name")
        if isinstance(given, str) and name is not None:
            return given == name
        refers = stack.refers(group, "name", service)
        if refers is None:
            raise UndecidedError(f"{group.name}: name")
        return refers

    return any_holds(is_it, stack.all(_GROUP))
