"""What is named somewhere is declared, and exists before whatever names it."""

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import chain
from typing import Any, Final

from preview.graph import Graph, Resource
from preview.values import is_unknown
from tests.program.invariants.look import (
    BUCKET,
    CACHE,
    FUNCTION,
    INSTANCE,
    KEY,
    LOG_GROUP,
    SECRET,
    TOPIC,
    TRAIL,
    VAULT,
    at,
    custom,
)
from tests.program.invariants.naming import NAMES
from tests.program.stacks import PROJECT, Built

DOCUMENTS: Final = ("accessPolicies", "assumeRolePolicy", "policy", "policyDocument")
"""The properties that carry policy documents."""


def what_is_named_is_declared(stack: Built) -> Iterator[str]:
    """A resource waits for what it names: a name alone would let both be made at once."""
    for resource in custom(stack.known):
        for property_, token in NAMED.get(resource.type, {}).items():
            name = resource.inputs.get(property_)
            if name is None:
                continue
            targets = {found.urn for found in stack.known.all(token) if name in _called(found)}
            if not targets:
                yield f"{resource.urn}: {property_} is {name}, and no {token} is called that"
            elif not targets & _waits_for(stack.known, resource):
                yield f"{resource.urn}: it does not wait for {sorted(targets)}"


def _called(resource: Resource) -> set[Any]:
    """Everything by which a resource can be named."""
    properties = ("arn", "keyId", "name", *NAMES.get(resource.type, {}))
    return {resource.id, *map(resource.outputs.get, properties)} - {None}


def _waits_for(graph: Graph, resource: Resource) -> set[str]:
    """What exists before a resource: what it depends on, and what its components depend on.

    The SDK registers a child once it knows its parent's URN, and the parent once its dependencies exist.
    """
    found = {*resource.dependencies, *chain.from_iterable(resource.property_dependencies.values())}
    parent = graph.by_urn.get(resource.parent)
    return found | (_waits_for(graph, parent) if parent else set())


_GROUP: Final = "aws:autoscaling/group:Group"
_PARAMETER_GROUP: Final = "aws:rds/parameterGroup:ParameterGroup"
_PROXY: Final = "aws:rds/proxy:Proxy"
_ROLE: Final = "aws:iam/role:Role"
_WINDOW: Final = "aws:ssm/maintenanceWindow:MaintenanceWindow"
_SIDE_OF_BUCKET: Final = {"bucket": BUCKET}

NAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "aws:autoscaling/lifecycleHook:LifecycleHook": {"autoscalingGroupName": _GROUP},
    "aws:autoscaling/policy:Policy": {"autoscalingGroupName": _GROUP},
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": {
        "iamRoleArn": _ROLE,
        "restoreTestingPlanName": "aws:backup/restoreTestingPlan:RestoreTestingPlan",
    },
    "aws:backup/selection:Selection": {"iamRoleArn": _ROLE, "planId": "aws:backup/plan:Plan"},
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": {"backupVaultName": VAULT},
    "aws:backup/vaultNotifications:VaultNotifications": {"backupVaultName": VAULT, "snsTopicArn": TOPIC},
    "aws:backup/vaultPolicy:VaultPolicy": {"backupVaultName": VAULT},
    "aws:cfg/deliveryChannel:DeliveryChannel": {"s3BucketName": BUCKET},
    "aws:cloudwatch/eventTarget:EventTarget": {"rule": "aws:cloudwatch/eventRule:EventRule"},
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": {"logGroupName": LOG_GROUP},
    "aws:cloudwatch/logStream:LogStream": {"logGroupName": LOG_GROUP},
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": {
        "destinationArn": FUNCTION,
        "logGroup": LOG_GROUP,
    },
    "aws:codebuild/project:Project": {"serviceRole": _ROLE},
    "aws:ec2/instance:Instance": {"iamInstanceProfile": "aws:iam/instanceProfile:InstanceProfile"},
    "aws:iam/instanceProfile:InstanceProfile": {"role": _ROLE},
    "aws:iam/rolePolicy:RolePolicy": {"role": _ROLE},
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"role": _ROLE},
    "aws:kms/alias:Alias": {"targetKeyId": KEY},
    "aws:lambda/permission:Permission": {"function": FUNCTION},
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": {"dbProxyName": _PROXY},
    "aws:rds/proxyTarget:ProxyTarget": {"dbInstanceIdentifier": INSTANCE, "dbProxyName": _PROXY},
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _SIDE_OF_BUCKET,
    "aws:s3/bucketLogging:BucketLogging": {"bucket": BUCKET, "targetBucket": BUCKET},
    "aws:s3/bucketNotification:BucketNotification": _SIDE_OF_BUCKET,
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": _SIDE_OF_BUCKET,
    "aws:s3/bucketObjectv2:BucketObjectv2": _SIDE_OF_BUCKET,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _SIDE_OF_BUCKET,
    "aws:s3/bucketPolicy:BucketPolicy": _SIDE_OF_BUCKET,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _SIDE_OF_BUCKET,
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": {"bucket": BUCKET, "role": _ROLE},
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _SIDE_OF_BUCKET,
    "aws:s3/bucketVersioning:BucketVersioning": _SIDE_OF_BUCKET,
    "aws:secretsmanager/secretPolicy:SecretPolicy": {"secretArn": SECRET},
    "aws:secretsmanager/secretRotation:SecretRotation": {"rotationLambdaArn": FUNCTION, "secretId": SECRET},
    "aws:sns/topicSubscription:TopicSubscription": {"topic": TOPIC},
    "aws:ssm/maintenanceWindowTarget:MaintenanceWindowTarget": {"windowId": _WINDOW},
    "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask": {"windowId": _WINDOW},
    CACHE: {
        "parameterGroupName": "aws:elasticache/parameterGroup:ParameterGroup",
        "subnetGroupName": "aws:elasticache/subnetGroup:SubnetGroup",
    },
    FUNCTION: {"role": _ROLE},
    INSTANCE: {
        "dbSubnetGroupName": "aws:rds/subnetGroup:SubnetGroup",
        "monitoringRoleArn": _ROLE,
        "parameterGroupName": _PARAMETER_GROUP,
        "replicateSourceDb": INSTANCE,
    },
    TRAIL: {"cloudWatchLogsRoleArn": _ROLE, "s3BucketName": BUCKET},
    _PROXY: {"roleArn": _ROLE},
}
"""By type, the properties that name another resource, and of which type that is."""


def every_policy_is_known_before_anything_exists(stack: Built) -> Iterator[str]:
    """An unknown inside would make the document unknown as a whole, and blind whoever judges it."""
    for resource, property_, document in documents(stack.unknown):
        if is_unknown(document) or not isinstance(at(json.loads(document), "Statement"), list):
            yield f"{resource.urn}: {property_} is not known"


def documents(graph: Graph) -> Iterator[tuple[Resource, str, Any]]:
    """Every policy document, with its resource and property."""
    for resource in custom(graph):
        for property_ in DOCUMENTS:
            if property_ in resource.inputs:
                yield resource, property_, resource[property_]


def what_a_policy_names_is_declared(stack: Built) -> Iterator[str]:
    """Policies are written in names that nobody checks: each is that of something, or of what lies in it."""
    arns = {
        arn
        for resource in custom(stack.known)
        for arn in resource.outputs.values()
        if isinstance(arn, str) and arn.startswith("arn:")
    }
    ours = (f":{stack.project.settings.account_id}:", f":s3:::{PROJECT}-")
    named = {
        arn: f"{resource.urn}: {property_}"
        for resource, property_, document in documents(stack.known)
        for arn in re.findall(r'"(arn:[^"]*)"', document)
        if any(part in arn for part in ours)
    }
    for arn, where in named.items():
        made_by_aws = any(re.search(pattern, arn) for pattern in MADE_BY_AWS)
        if not made_by_aws and not any(_is_about(arn, known) for known in arns):
            yield f"{where} names {arn}, which is nothing of this stack"


def _is_about(arn: str, known: str) -> bool:
    """Whether an ARN or a pattern of ARNs is that of a resource, lies in it, or contains it."""
    return (
        fnmatchcase(known, arn) or arn.startswith((f"{known}/", f"{known}:")) or known.startswith(f"{arn}/")
    )


MADE_BY_AWS: Final = (
    r"^arn:aws:[^:]*:[^:]*:\d+:[a-z-]+[:/]\*$",  # everything of a kind
    r":root$",
    r":chat-configuration/slack-channel/",
    r":db:awsbackup-restore-test-\*$",
    r":dbuser:\*/",
    r":delivery-source:",
    r":log-group:sns/",
    r":parameter/syncup/[a-z]+/operations/lock$",
    r":role/aws-service-role/",
    r":schedule-group/default$",
    r":session/",
    r":table/syncup-",
)
"""What is in the account without being declared: AWS makes it, or people do."""
