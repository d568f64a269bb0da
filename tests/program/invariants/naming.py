"""How AWS lets things be called, and where a name has to be the only one of its kind.

The forms are those of AWS' API references, for the names that the program chooses itself.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from preview.graph import Resource
from tests.program.invariants.look import custom, region_of
from tests.program.stacks import Built

_RANDOM_PART: Final = 8
"""What Pulumi appends to a name that it makes: a hyphen and seven characters."""


class Scope(StrEnum):
    """Where no two things of a kind may have the same name."""

    REGION = "region"
    ACCOUNT = "account"
    WORLD = "world"


@dataclass(frozen=True, kw_only=True, slots=True)
class Name:
    """The form of a name."""

    pattern: str
    kind: str
    """What shares the names: metric alarms and composite ones are both alarms."""
    scope: Scope = Scope.REGION
    within: str = ""
    """The property that names what contains it, where it is unique only in there."""


def _iam(kind: str, longest: int) -> dict[str, Name]:
    return {"name": Name(pattern=rf"[\w+=,.@-]{{1,{longest}}}", kind=kind, scope=Scope.ACCOUNT)}


_ALARM: Final = Name(pattern=r"[ -~]{1,255}", kind="alarm")

NAMES: Final[Mapping[str, Mapping[str, Name]]] = {
    "aws:accessanalyzer/analyzer:Analyzer": {
        "analyzerName": Name(pattern=r"[A-Za-z][\w.-]{0,254}", kind="analyzer")
    },
    "aws:autoscaling/group:Group": {"name": Name(pattern=r"[ -~]{1,255}", kind="group")},
    "aws:autoscaling/lifecycleHook:LifecycleHook": {
        "name": Name(pattern=r"[\w/-]{1,255}", kind="hook", within="autoscalingGroupName")
    },
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": {
        "name": Name(pattern=r"\w{1,50}", kind="restore plan")
    },
    "aws:backup/selection:Selection": {
        "name": Name(pattern=r"[\w.-]{1,50}", kind="selection", within="planId")
    },
    "aws:backup/vault:Vault": {"name": Name(pattern=r"[\w-]{2,50}", kind="vault")},
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": {
        "configurationName": Name(pattern=r"[\w-]{1,128}", kind="chat", scope=Scope.ACCOUNT)
    },
    "aws:cloudtrail/trail:Trail": {
        "name": Name(pattern=r"[A-Za-z0-9]([\w.-]{1,126})[A-Za-z0-9]", kind="trail")
    },
    "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": {"name": Name(pattern=r"[ -~]{1,255}", kind="mute rule")},
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": {"alarmName": _ALARM},
    "aws:cloudwatch/dashboard:Dashboard": {
        "dashboardName": Name(pattern=r"[\w-]{1,255}", kind="dashboard", scope=Scope.ACCOUNT)
    },
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": {
        "name": Name(pattern=r"[\w-]{1,60}", kind="delivery destination")
    },
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": {
        "name": Name(pattern=r"[\w-]{1,60}", kind="delivery source")
    },
    "aws:cloudwatch/logGroup:LogGroup": {"name": Name(pattern=r"[\w./#-]{1,512}", kind="log group")},
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": {
        "name": Name(pattern=r"[^:*]{1,512}", kind="metric filter", within="logGroupName")
    },
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": {
        "policyName": Name(pattern=r"[\w+=,.@-]{1,512}", kind="log policy")
    },
    "aws:cloudwatch/metricAlarm:MetricAlarm": {"name": _ALARM},
    "aws:codebuild/project:Project": {"name": Name(pattern=r"[A-Za-z0-9][\w-]{1,149}", kind="project")},
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "replicationGroupId": Name(pattern=r"[a-z](-?[a-z0-9]){0,39}", kind="replication group")
    },
    "aws:elasticache/user:User": {"userId": Name(pattern=r"[a-z](-?[a-z0-9]){0,39}", kind="cache user")},
    "aws:elasticache/userGroup:UserGroup": {
        "userGroupId": Name(pattern=r"[a-z](-?[a-z0-9]){0,39}", kind="cache user group")
    },
    "aws:iam/instanceProfile:InstanceProfile": _iam("instance profile", 128),
    "aws:iam/policy:Policy": _iam("policy", 128),
    "aws:iam/role:Role": _iam("role", 64),
    "aws:iam/samlProvider:SamlProvider": _iam("SAML provider", 128),
    "aws:kms/alias:Alias": {"name": Name(pattern=r"alias/[\w/-]{1,250}", kind="alias")},
    "aws:lambda/function:Function": {"name": Name(pattern=r"[\w-]{1,64}", kind="function")},
    "aws:opensearch/domain:Domain": {"domainName": Name(pattern=r"[a-z][a-z0-9-]{2,27}", kind="domain")},
    "aws:rds/instance:Instance": {
        "identifier": Name(pattern=r"(?!.{64})[a-z](-?[a-z0-9])*", kind="database instance")
    },
    "aws:rds/proxy:Proxy": {"name": Name(pattern=r"(?!.{64})[a-z](-?[a-z0-9])*", kind="database proxy")},
    "aws:rds/subnetGroup:SubnetGroup": {
        "name": Name(pattern=r"[a-z0-9. _-]{1,255}", kind="database subnets")
    },
    "aws:s3/bucket:Bucket": {
        "bucket": Name(pattern=r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", kind="bucket", scope=Scope.WORLD)
    },
    "aws:scheduler/schedule:Schedule": {"name": Name(pattern=r"[\w.-]{1,64}", kind="schedule")},
    "aws:secretsmanager/secret:Secret": {"name": Name(pattern=r"[\w/+=.@-]{1,512}", kind="secret")},
    "aws:sns/topic:Topic": {"name": Name(pattern=r"[\w-]{1,256}", kind="topic")},
    "aws:sqs/queue:Queue": {"name": Name(pattern=r"[\w-]{1,80}", kind="queue")},
    "aws:ssm/document:Document": {"name": Name(pattern=r"[\w.-]{3,128}", kind="document")},
    "aws:ssm/maintenanceWindow:MaintenanceWindow": {"name": Name(pattern=r"[\w.-]{3,128}", kind="window")},
    "aws:ssm/parameter:Parameter": {"name": Name(pattern=r"/[\w./-]{1,1010}", kind="parameter")},
}
"""By type and property."""

LONGEST: Final[Mapping[str, int]] = {
    "aws:cloudfront/originAccessControl:OriginAccessControl": 64,
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": 128,
    "aws:cloudwatch/eventRule:EventRule": 64,
    "aws:ec2/launchTemplate:LaunchTemplate": 128,
    "aws:lb/loadBalancer:LoadBalancer": 32,
    "aws:lb/targetGroup:TargetGroup": 32,
    "aws:wafv2/webAcl:WebAcl": 128,
}
"""The longest names of types whose names Pulumi makes, where a logical name might not fit."""


def names_fit_and_are_unique(stack: Built) -> Iterator[str]:
    """Within AWS' limits, and nothing is called twice where AWS looks for one."""
    taken: dict[Place, str] = {}
    for place, resource, form in named(stack):
        if not re.fullmatch(form.pattern, place.name):
            yield f"{resource.urn}: it is called {place.name!r}, and AWS wants {form.pattern}"
        if place in taken:
            yield f"{resource.urn}: {taken[place]} is called {place.name!r} as well"
        taken[place] = resource.urn


class Place(NamedTuple):
    """A name with all that makes it the only one."""

    kind: str
    account: str
    region: str
    within: str
    name: str


def named(stack: Built) -> Iterator[tuple[Place, Resource, Name]]:
    """Every name that the program chose; Pulumi makes up the others."""
    for resource in custom(stack.known):
        for property_, form in NAMES.get(resource.type, {}).items():
            if property_ in resource.inputs:
                place = Place(
                    kind=form.kind,
                    account="" if form.scope is Scope.WORLD else stack.project.settings.account_id,
                    region=region_of(stack, resource) if form.scope is Scope.REGION else "",
                    within=str(resource.inputs.get(form.within, "")),
                    name=resource[property_],
                )
                yield place, resource, form


def names_that_pulumi_makes_fit(stack: Built) -> Iterator[str]:
    """A hyphen and seven characters follow the logical name, and some services take few."""
    for resource in custom(stack.known):
        longest = LONGEST.get(resource.type)
        length = len(resource.name) + _RANDOM_PART
        if longest is not None and length > longest:
            yield f"{resource.urn}: its name will have {length} characters, AWS allows {longest}"
