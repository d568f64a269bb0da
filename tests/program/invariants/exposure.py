"""What nobody from outside may reach, read or be given."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any, Final, cast

from preview.graph import Resource
from preview.values import Secret, walk
from tests.program.invariants.look import (
    BUCKET,
    FUNCTION,
    INSTANCE,
    LOAD_BALANCER,
    LOG_GROUP,
    at,
    custom,
    items,
    region_of,
    side,
    sides,
)
from tests.program.invariants.references import documents
from tests.program.stacks import Built

_CLOSED: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_ANYWHERE: Final = {"0.0.0.0/0", "::/0"}
_PARAMETER: Final = "aws:ssm/parameter:Parameter"
_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
_POLICY: Final = "aws:iam/policy:Policy"
_ROLE: Final = "aws:iam/role:Role"
_ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
_CREDENTIAL: Final = re.compile(
    r"\b(AKIA|ASIA)[A-Z0-9]{16}\b|PRIVATE KEY|\bxox[abpr]-\w|\bsk-\w{8}|://[^/\s:@]+:[^/\s@]+@"
)


def every_bucket_is_private(stack: Built) -> Iterator[str]:
    """Closed to the public, without ACLs, by TLS alone, and S3 logs who reads, except of its own log."""
    graph = stack.known
    targets = {one["targetBucket"] for one in sides(graph, "BucketLogging").values()}
    for bucket in graph.all(BUCKET):
        name = bucket["bucket"]
        closed = side(graph, "BucketPublicAccessBlock", name)
        ownership = side(graph, "BucketOwnershipControls", name)
        wrong = {
            "it can be made public": not all(closed.get(switch) is True for switch in _CLOSED),
            "its objects may have ACLs": at(ownership, "rule", "objectOwnership") != "BucketOwnerEnforced",
            "it can be reached without TLS": not _only_by_tls(side(graph, "BucketPolicy", name), bucket),
            "nobody records who reads it": not (side(graph, "BucketLogging", name) or name in targets),
        }
        yield from (f"{bucket.urn}: {problem}" for problem, holds in wrong.items() if holds)


def _only_by_tls(policy: Mapping[str, Any], bucket: Resource) -> bool:
    """Whether a bucket's policy denies everything without TLS, for the bucket and what is in it."""
    arn = bucket.outputs["arn"]
    return any(
        (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", {"AWS": "*"}, ["s3:*"])
        and set(statement["Resource"]) == {arn, f"{arn}/*"}
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in items(json.loads(policy.get("policy", "{}")), "Statement")
    )


def what_belongs_to_a_bucket_is_in_its_region(stack: Built) -> Iterator[str]:
    """S3 answers in one region alone."""
    regions = {bucket["bucket"]: region_of(stack, bucket) for bucket in stack.known.all(BUCKET)}
    for resource in custom(stack.known):
        if resource.type.startswith("aws:s3/bucket") and regions.get(
            resource.inputs.get("bucket", "")
        ) not in (region_of(stack, resource), None):
            yield f"{resource.urn}: it is in {region_of(stack, resource)}"


def nobody_comes_in_from_anywhere(stack: Built) -> Iterator[str]:
    """No security group lets the world in, not even the load balancer's, which is CloudFront's alone."""
    for resource in custom(stack.known):
        is_open = OPEN.get(resource.type)
        if is_open and is_open(resource.inputs):
            yield f"{resource.urn}: it is open to the world"


def _from_anywhere(rule: Mapping[str, Any]) -> bool:
    return bool({rule.get("cidrIpv4"), rule.get("cidrIpv6")} & _ANYWHERE)


def _to_anywhere(rule: Mapping[str, Any]) -> bool:
    """By anything but HTTPS."""
    reach = (rule.get("ipProtocol"), rule.get("fromPort"), rule.get("toPort"))
    return _from_anywhere(rule) and reach != ("tcp", 443, 443)


def _has_own_rules(group: Mapping[str, Any]) -> bool:
    """Rules that a group has itself would undo those that are declared beside it."""
    return bool(group.get("ingress") or group.get("egress"))


OPEN: Final[Mapping[str, Callable[[Mapping[str, Any]], bool]]] = {
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _has_own_rules,
    "aws:ec2/instance:Instance": lambda inputs: inputs.get("associatePublicIpAddress") is not False,
    "aws:ec2/launchTemplate:LaunchTemplate": lambda inputs: (
        at(inputs, "networkInterfaces", 0, "associatePublicIpAddress") != "false"
    ),
    "aws:ec2/securityGroup:SecurityGroup": _has_own_rules,
    "aws:ec2/subnet:Subnet": lambda inputs: inputs.get("mapPublicIpOnLaunch") is not False,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _to_anywhere,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _from_anywhere,
    INSTANCE: lambda inputs: inputs.get("publiclyAccessible") is not False,
    LOAD_BALANCER: lambda inputs: inputs.get("internal") is not True,
}
"""By type, whether it is open to the world."""


def no_policy_allows_everything(stack: Built) -> Iterator[str]:
    """No `*` action, and nothing for everybody without a condition that leaves only some."""
    for resource, property_, document in documents(stack.known):
        for statement in items(json.loads(document), "Statement"):
            if statement["Effect"] != "Allow":
                continue
            if "*" in _listed(statement["Action"]):
                yield f"{resource.urn}: {property_} allows every action"
            principals = chain.from_iterable(map(_listed, statement.get("Principal", {}).values()))
            # An endpoint's policy gives nobody anything: it says what may pass.
            passing = resource.type == _ENDPOINT and "*" not in _listed(statement["Resource"])
            if "*" in principals and not statement.get("Condition") and not passing:
                yield f"{resource.urn}: {property_} allows everybody"


def no_service_is_talked_into_a_role(stack: Built) -> Iterator[str]:
    """A service assumes a role for this account alone, wherever it tells for whom it acts.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    for role in stack.known.all(_ROLE):
        for statement in items(json.loads(role["assumeRolePolicy"]), "Statement"):
            services = set(_listed(statement["Principal"].get("Service", [])))
            conditions = chain.from_iterable(statement.get("Condition", {}).values())
            if services - TELLING_NOTHING and not {"aws:SourceAccount", "aws:SourceArn"} & set(conditions):
                yield f"{role.urn}: anybody may have {sorted(services)} assume it"


TELLING_NOTHING: Final = frozenset({"ec2.amazonaws.com", "cloudtrail.amazonaws.com"})
"""Services that do not say for whom they act.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html"""


def what_is_allowed_on_everything_only_looks(stack: Built) -> Iterator[str]:
    """On `*` a role may look; what it may change there AWS cannot narrow, or a condition does."""
    for policy in (*stack.known.all(_ROLE_POLICY), *stack.known.all(_POLICY)):
        for statement in items(json.loads(policy["policy"]), "Statement"):
            everywhere = statement["Effect"] == "Allow" and "*" in _listed(statement["Resource"])
            if everywhere and not statement.get("Condition"):
                for action in _listed(statement["Action"]):
                    if not re.fullmatch(_LOOKING, action) and action not in NOT_TO_BE_NARROWED:
                        yield f"{policy.urn}: it may {action} on everything"


_LOOKING: Final = r"[a-z0-9-]+:(Describe|List)[A-Za-z]+|tag:Get\w+|cloudwatch:GetMetricData"

NOT_TO_BE_NARROWED: Final = frozenset(
    {
        # What the agent of Systems Manager does in its own name.
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-instance-permissions.html
        "ec2messages:AcknowledgeMessage",
        "ec2messages:DeleteMessage",
        "ec2messages:FailMessage",
        "ec2messages:GetEndpoint",
        "ec2messages:GetMessages",
        "ec2messages:SendReply",
        "ssm:GetDeployablePatchSnapshotForInstance",
        "ssm:GetDocument",
        "ssm:GetManifest",
        "ssm:PutComplianceItems",
        "ssm:PutConfigurePackageResult",
        "ssm:PutInventory",
        "ssm:UpdateAssociationStatus",
        "ssm:UpdateInstanceAssociationStatus",
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html
        "backup:PutRestoreValidationResult",
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
        "secretsmanager:GetRandomPassword",
    }
)
"""Actions for which a policy's resource is `*` because AWS offers nothing narrower that works."""


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def no_secret_is_in_the_open(stack: Built) -> Iterator[str]:
    """What is secret in one place is so in every other, and nothing looks like a credential."""
    secrets = {
        value.value: resource.urn
        for resource in custom(stack.known)
        # Parameters are of no secret here: `value` is a secret to Pulumi whatever it is.
        if resource.type != _PARAMETER
        for _, value in walk(resource.outputs)
        if isinstance(value, Secret) and isinstance(value.value, str)
    }
    for resource in stack.known.resources:
        for path, text in _open_texts(resource.inputs if resource.custom else resource.outputs):
            place = f"{resource.urn}: {'.'.join(map(str, path))}"
            yield from (
                f"{place} shows a secret of {urn}" for secret, urn in secrets.items() if secret in text
            )
            if _CREDENTIAL.search(text):
                yield f"{place} looks like a credential"


def _open_texts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text that is in no secret."""
    match value:
        case str():
            yield path, value
        case Mapping():
            for key, item in cast("Mapping[str, Any]", value).items():
                yield from _open_texts(item, (*path, key))
        case list():
            for index, item in enumerate(cast("list[Any]", value)):
                yield from _open_texts(item, (*path, index))
        case _:
            pass


def every_log_is_kept_for_a_stated_time(stack: Built) -> Iterator[str]:
    """Every group has a retention, and whatever logs by itself finds its group there."""
    groups = {group["name"]: group for group in stack.known.all(LOG_GROUP)}
    for group in groups.values():
        if not group.inputs.get("retentionInDays"):
            yield f"{group.urn}: it is kept for ever"
    for resource in custom(stack.known):
        for name in LOGS[resource.type](resource) if resource.type in LOGS else ():
            if name not in groups:
                yield f"{resource.urn}: AWS would make {name} by itself and keep it for ever"


def _exports(instance: Resource) -> list[str]:
    exported = items(instance.inputs, "enabledCloudwatchLogsExports")
    return [f"/aws/rds/instance/{instance['identifier']}/{log}" for log in exported]


def _named_in_arns(domain: Resource) -> list[str]:
    options = items(domain.inputs, "logPublishingOptions")
    return [option["cloudwatchLogGroupArn"].partition(":log-group:")[2] for option in options]


LOGS: Final[Mapping[str, Callable[[Resource], list[str]]]] = {
    "aws:codebuild/project:Project": lambda project: [
        at(project.inputs, "logsConfig", "cloudwatchLogs", "groupName")
    ],
    "aws:ec2clientvpn/endpoint:Endpoint": lambda endpoint: [
        at(endpoint.inputs, "connectionLogOptions", "cloudwatchLogGroup")
    ],
    "aws:elasticache/replicationGroup:ReplicationGroup": lambda cache: [
        log["destination"] for log in items(cache.inputs, "logDeliveryConfigurations")
    ],
    "aws:opensearch/domain:Domain": _named_in_arns,
    FUNCTION: lambda function: [at(function.inputs, "loggingConfig", "logGroup")],
    INSTANCE: _exports,
}
"""By type, the log groups that it writes to."""
