"""What the rules of alarms and logs decide."""

from collections.abc import Sequence
from typing import Any

from policies.evaluate import Verdict
from policies.rule import Rule
from policies.rules import cloudwatch
from tests.policies.kit import MAIN, SIDE, Case, Side, judged

_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
_GROUP = "aws:cloudwatch/logGroup:LogGroup"
_TOPIC_ARN = "arn:aws:sns:us-west-2:111122223333:on-call"
_KEY = "arn:aws:kms:us-west-2:111122223333:key/a"
_TRAIL_GROUP = Side(_GROUP, name="/app/trail")

_ACTIVITIES = {
    cloudwatch.trail_unauthorized: "UnauthorizedOperation AccessDenied",
    cloudwatch.trail_sign_in_without_mfa: "ConsoleLogin MFAUsed",
    cloudwatch.trail_root: "Root invokedBy AwsServiceEvent",
    cloudwatch.trail_iam_policies: (
        "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy"
        " CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy"
        " AttachUserPolicy DetachUserPolicy AttachGroupPolicy DetachGroupPolicy"
    ),
    cloudwatch.trail_trails: "CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging",
    cloudwatch.trail_failed_sign_ins: "ConsoleLogin Failed authentication",
    cloudwatch.trail_keys: "DisableKey ScheduleKeyDeletion",
    cloudwatch.trail_buckets: (
        "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication"
        " DeleteBucketPolicy DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication"
    ),
    cloudwatch.trail_configuration: (
        "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder"
    ),
    cloudwatch.trail_security_groups: (
        "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress"
        " RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup"
    ),
    cloudwatch.trail_network_acls: (
        "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry"
        " ReplaceNetworkAclEntry ReplaceNetworkAclAssociation"
    ),
    cloudwatch.trail_gateways: (
        "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway"
        " DeleteInternetGateway DetachInternetGateway"
    ),
    cloudwatch.trail_routes: (
        "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable"
        " DeleteRoute DisassociateRouteTable"
    ),
    cloudwatch.trail_vpcs: (
        "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection"
        " DeleteVpcPeeringConnection RejectVpcPeeringConnection AttachClassicLinkVpc DetachClassicLinkVpc"
        " DisableVpcClassicLink EnableVpcClassicLink"
    ),
    cloudwatch.trail_organization: (
        "organizations AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy"
        " DeclineHandshake DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy"
        " DisablePolicyType EnablePolicyType InviteAccountToOrganization LeaveOrganization MoveAccount"
        " RemoveAccountFromOrganization UpdatePolicy UpdateOrganizationalUnit"
    ),
}
"""The words of each pattern in the CIS benchmark, by the rule that asks for them."""


def _filter(words: Sequence[str], group: str = SIDE) -> Side:
    return Side(
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        logGroupName=group,
        pattern="{ " + " || ".join(f"($.eventName = {word})" for word in words) + " }",
        metricTransformation={"name": "changed", "namespace": "Account", "value": "1"},
    )


def _alarm(**inputs: Any) -> Side:
    return Side(
        _ALARM, **{"metricName": "changed", "namespace": "Account", "alarmActions": [_TOPIC_ARN], **inputs}
    )


def _watched(rule: Rule, words: str) -> list[Case]:
    """The filter is there and complete, and an alarm on its metric calls somebody."""
    all_words = words.split()
    return [
        Case(
            rule,
            base={"cloudWatchLogsGroupArn": SIDE},
            beside=[_TRAIL_GROUP, _alarm()],
            compliant_beside=[_filter(all_words)],
            violating_beside=[_filter(all_words[1:])],
        ),
        Case(
            rule,
            base={"cloudWatchLogsGroupArn": SIDE},
            beside=[_TRAIL_GROUP, _filter(all_words)],
            compliant_beside=[_alarm()],
            violating_beside=[_alarm(metricName="other")],
        ),
    ]


_GROUP_ARN = "arn:aws:logs:us-west-2:111122223333:log-group:/app/trail:*"
_KEY_WORDS = ["DisableKey", "ScheduleKeyDeletion"]

_TRAILS = [
    *(case for rule, words in _ACTIVITIES.items() for case in _watched(rule, words)),
    Case(
        cloudwatch.trail_keys,
        base={"cloudWatchLogsGroupArn": SIDE},
        beside=[_TRAIL_GROUP, _filter(_KEY_WORDS)],
        compliant_beside=[_alarm()],
        violating_beside=[_alarm(alarmActions=[])],
        unknown=None,
    ),
    Case(
        cloudwatch.trail_keys,
        base={"cloudWatchLogsGroupArn": SIDE},
        beside=[_TRAIL_GROUP, _filter(_KEY_WORDS)],
        compliant_beside=[_alarm(actionsEnabled=True)],
        violating_beside=[_alarm(actionsEnabled=False)],
        absent=None,
    ),
    Case(
        cloudwatch.trail_keys,
        base={"cloudWatchLogsGroupArn": _GROUP_ARN},
        beside=[_alarm()],
        compliant_beside=[_filter(_KEY_WORDS, group="/app/trail")],
        violating_beside=[_filter(_KEY_WORDS, group="/app/other")],
        unknown=None,
        out_of_scope=[{"cloudWatchLogsGroupArn": ""}],
    ),
]

_ALARMS = [
    Case(
        cloudwatch.alarm_has_actions,
        compliant={"alarmActions": [_TOPIC_ARN]},
        violating={"alarmActions": []},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        cloudwatch.alarm_has_actions,
        base={"name": "errors"},
        compliant_beside=[
            Side(
                "aws:cloudwatch/compositeAlarm:CompositeAlarm",
                alarmName="any",
                alarmRule='ALARM("errors") OR ALARM("others")',
                alarmActions=[_TOPIC_ARN],
            )
        ],
        violating_beside=[
            Side(
                "aws:cloudwatch/compositeAlarm:CompositeAlarm",
                alarmName="any",
                alarmRule='ALARM("others")',
                alarmActions=[_TOPIC_ARN],
            )
        ],
        absent=None,
    ),
    Case(
        cloudwatch.alarm_has_actions,
        compliant_beside=[
            Side(
                "aws:cloudwatch/compositeAlarm:CompositeAlarm",
                alarmName="any",
                alarmRule=MAIN,
                alarmActions=[_TOPIC_ARN],
            )
        ],
        violating_beside=[
            Side("aws:cloudwatch/compositeAlarm:CompositeAlarm", alarmName="any", alarmRule=MAIN)
        ],
        unknown=Verdict.COMPLIANT,
    ),
    *(
        Case(
            cloudwatch.alarm_actions_enabled,
            type=token,
            compliant={"actionsEnabled": True},
            violating={"actionsEnabled": False},
            absent=Verdict.COMPLIANT,
        )
        for token in cloudwatch.alarm_actions_enabled.types
    ),
]


def _muting(expression: str, duration: str = "PT2H") -> dict[str, Any]:
    return {"rule": {"schedule": {"expression": expression, "duration": duration, "timezone": "UTC"}}}


_MUTES = [
    Case(
        cloudwatch.mute_rule_in_window,
        compliant=_muting("cron(0 2 * * SUN)"),
        violating=_muting("cron(0 12 * * MON)"),
        settings={"maintenance_window": "sun:02:00-sun:04:00"},
        more_violating=[
            _muting("cron(0 2 * * *)"),
            _muting("cron(0 2 * * SUN)", "P1D"),
            _muting("sometimes"),
        ],
        out_of_scope=[_muting("at(2026-01-04T02:00)")],
    ),
]

_LOGS = [
    Case(
        cloudwatch.log_group_encrypted_with_key,
        compliant={"kmsKeyId": _KEY},
        violating={},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        cloudwatch.log_group_retention,
        compliant={"retentionInDays": 365},
        violating={"retentionInDays": 180},
        absent=Verdict.COMPLIANT,
        more_compliant=[{"retentionInDays": 0}],
        out_of_scope=[{"logGroupClass": "DELIVERY"}],
    ),
    Case(
        cloudwatch.log_group_states_retention,
        compliant={"retentionInDays": 1},
        violating={"retentionInDays": 0},
        out_of_scope=[{"logGroupClass": "DELIVERY"}],
    ),
]


def _declared(token: str, group: str, **service: Any) -> Case:
    return Case(
        cloudwatch.service_log_group_declared,
        type=token,
        base=service,
        compliant_beside=[Side(_GROUP, name=group)],
        violating_beside=[Side(_GROUP, name="/another")],
        unknown=None,
    )


_FUNCTION = "aws:lambda/function:Function"
_PROJECT = "aws:codebuild/project:Project"
_INSTANCE = "aws:rds/instance:Instance"
_CLUSTER = "aws:rds/cluster:Cluster"

_SERVICES = [
    _declared(_FUNCTION, "/aws/lambda/api", name="api"),
    _declared(
        _FUNCTION, "/logs/api", name="api", loggingConfig={"logFormat": "JSON", "logGroup": "/logs/api"}
    ),
    _declared(_PROJECT, "/aws/codebuild/build", name="build"),
    _declared(_PROJECT, "/logs/build", logsConfig={"cloudwatchLogs": {"groupName": "/logs/build"}}),
    _declared(
        _INSTANCE,
        "/aws/rds/instance/main/upgrade",
        identifier="main",
        enabledCloudwatchLogsExports=["upgrade"],
    ),
    _declared(
        _CLUSTER,
        "/aws/rds/cluster/main/audit",
        clusterIdentifier="main",
        enabledCloudwatchLogsExports=["audit"],
    ),
    _declared("aws:rds/proxy:Proxy", "/aws/rds/proxy/main", name="main"),
    Case(
        cloudwatch.service_log_group_declared,
        type=_FUNCTION,
        compliant_beside=[Side(_GROUP, name=MAIN)],
        violating_beside=[],
    ),
    Case(
        cloudwatch.service_log_group_declared,
        type=_INSTANCE,
        base={"identifier": "main"},
        compliant_beside=[Side(_GROUP, name="/aws/rds/instance/main/upgrade")],
        violating={"enabledCloudwatchLogsExports": ["upgrade"]},
        compliant={"enabledCloudwatchLogsExports": ["upgrade"]},
        unknown=None,
        out_of_scope=[{"enabledCloudwatchLogsExports": []}],
    ),
    Case(
        cloudwatch.service_log_group_declared,
        type=_PROJECT,
        base={"name": "build"},
        compliant_beside=[Side(_GROUP, name="/aws/codebuild/build")],
        unknown=None,
        out_of_scope=[{"logsConfig": {"cloudwatchLogs": {"status": "DISABLED"}}}],
    ),
]

CASES = (*_TRAILS, *_ALARMS, *_MUTES, *_LOGS, *_SERVICES)

test_cases = judged(CASES)
