"""Policy documents judged by their meaning: who may do what, wherever AWS keeps such a document.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html is the grammar,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html the meaning.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Final, cast

from policies.normalise import normalise
from policies.view import (
    UNKNOWN,
    MalformedError,
    Path,
    Resource,
    UndecidedError,
    View,
    any_holds,
)


class Kind(StrEnum):
    """What a policy document is attached to."""

    IDENTITY = "identity"
    """A principal: what it may do."""
    RESOURCE = "resource"
    """A resource: who may use it."""
    TRUST = "trust"
    """A role: who may become it."""
    ENDPOINT = "endpoint"
    """A network endpoint: what may pass; it grants nothing by itself."""


_PLACES: Final[tuple[tuple[str, Kind, str], ...]] = (
    ("aws:backup/vaultPolicy:VaultPolicy", Kind.RESOURCE, "policy"),
    ("aws:cloudwatch/eventBusPolicy:EventBusPolicy", Kind.RESOURCE, "policy"),
    ("aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy", Kind.RESOURCE, "accessPolicy"),
    ("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", Kind.RESOURCE, "policyDocument"),
    ("aws:codebuild/resourcePolicy:ResourcePolicy", Kind.RESOURCE, "policy"),
    ("aws:dynamodb/resourcePolicy:ResourcePolicy", Kind.RESOURCE, "policy"),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", Kind.ENDPOINT, "policy"),
    ("aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy", Kind.ENDPOINT, "policy"),
    ("aws:ecr/registryPolicy:RegistryPolicy", Kind.RESOURCE, "policy"),
    ("aws:ecr/repositoryPolicy:RepositoryPolicy", Kind.RESOURCE, "policy"),
    ("aws:efs/fileSystemPolicy:FileSystemPolicy", Kind.RESOURCE, "policy"),
    ("aws:elasticsearch/domain:Domain", Kind.RESOURCE, "accessPolicies"),
    ("aws:elasticsearch/domainPolicy:DomainPolicy", Kind.RESOURCE, "accessPolicies"),
    ("aws:glacier/vault:Vault", Kind.RESOURCE, "accessPolicy"),
    ("aws:iam/groupPolicy:GroupPolicy", Kind.IDENTITY, "policy"),
    ("aws:iam/policy:Policy", Kind.IDENTITY, "policy"),
    ("aws:iam/role:Role", Kind.TRUST, "assumeRolePolicy"),
    ("aws:iam/role:Role", Kind.IDENTITY, "inlinePolicies[].policy"),
    ("aws:iam/rolePolicy:RolePolicy", Kind.IDENTITY, "policy"),
    ("aws:iam/userPolicy:UserPolicy", Kind.IDENTITY, "policy"),
    ("aws:kinesis/resourcePolicy:ResourcePolicy", Kind.RESOURCE, "policy"),
    ("aws:kms/externalKey:ExternalKey", Kind.RESOURCE, "policy"),
    ("aws:kms/key:Key", Kind.RESOURCE, "policy"),
    ("aws:kms/keyPolicy:KeyPolicy", Kind.RESOURCE, "policy"),
    ("aws:kms/replicaKey:ReplicaKey", Kind.RESOURCE, "policy"),
    ("aws:lambda/permission:Permission", Kind.RESOURCE, ""),
    ("aws:lambda/resourcePolicy:ResourcePolicy", Kind.RESOURCE, "policy"),
    ("aws:opensearch/domain:Domain", Kind.RESOURCE, "accessPolicies"),
    ("aws:opensearch/domainPolicy:DomainPolicy", Kind.RESOURCE, "accessPolicies"),
    ("aws:s3/accessPoint:AccessPoint", Kind.RESOURCE, "policy"),
    ("aws:s3/bucket:Bucket", Kind.RESOURCE, "policy"),
    ("aws:s3/bucketPolicy:BucketPolicy", Kind.RESOURCE, "policy"),
    ("aws:s3/bucketV2:BucketV2", Kind.RESOURCE, "policy"),
    ("aws:s3control/accessPointPolicy:AccessPointPolicy", Kind.RESOURCE, "policy"),
    ("aws:secretsmanager/secret:Secret", Kind.RESOURCE, "policy"),
    ("aws:secretsmanager/secretPolicy:SecretPolicy", Kind.RESOURCE, "policy"),
    ("aws:sns/topic:Topic", Kind.RESOURCE, "policy"),
    ("aws:sns/topicPolicy:TopicPolicy", Kind.RESOURCE, "policy"),
    ("aws:sqs/queue:Queue", Kind.RESOURCE, "policy"),
    ("aws:sqs/queuePolicy:QueuePolicy", Kind.RESOURCE, "policy"),
    ("aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy", Kind.IDENTITY, "inlinePolicy"),
)


def _by_type() -> dict[str, tuple[tuple[Kind, str], ...]]:
    found: dict[str, tuple[tuple[Kind, str], ...]] = {}
    for token, kind, place in _PLACES:
        found[token] = (*found.get(token, ()), (kind, place))
    return found


DOCUMENTS: Final[Mapping[str, tuple[tuple[Kind, str], ...]]] = MappingProxyType(_by_type())
"""Where each resource type holds policy documents; a function's permission is a statement by itself."""


def types_with(*kinds: Kind) -> tuple[str, ...]:
    """The resource types that hold documents of the kinds, for a rule's `types`."""
    return tuple(
        dict.fromkeys(
            token for token, places in DOCUMENTS.items() if any(kind in kinds for kind, _ in places)
        )
    )


def statements(resource: Resource, *kinds: Kind) -> Iterator["Statement"]:
    """Every statement of the documents that a resource holds; with kinds, of those alone.

    Raises:
        UndecidedError: at the end, where a document is unknown.
        MalformedError: at the end, where a document is no policy.
    """
    failed: UndecidedError | MalformedError | None = None
    for view, path, kind in _held(resource):
        if kinds and kind not in kinds:
            continue
        try:
            yield from [_permission(resource)] if not path else parse(view, path)
        except MalformedError as error:
            failed = error
        except UndecidedError as error:
            failed = failed or error
    if failed:
        raise failed


def _held(resource: Resource) -> Iterator[tuple[View, str, Kind]]:
    for kind, place in DOCUMENTS.get(resource.type, ()):
        around, _, inner = place.rpartition("[].")
        if not around:
            yield resource, place, kind
        elif resource.raw(around) is UNKNOWN:
            yield resource, around, kind
        else:
            for item in resource.objects(around):
                yield item, inner, kind


def parse(view: View, path: Path) -> tuple["Statement", ...]:
    """The statements of a policy document, JSON text or object; none where it is absent.

    Raises:
        UndecidedError: the document, or its list of statements, is unknown.
        MalformedError: it is no policy document.
    """
    document = view.get(path)
    if document is None or document == "":
        return ()
    place = view.where(path)
    if isinstance(document, str):
        document = _loaded(document)
    if not isinstance(document, dict):
        raise MalformedError(place)
    found = _lower(cast("dict[str, Any]", document)).get("statement")
    if found is UNKNOWN:
        raise UndecidedError(place)
    items = cast("list[Any]", found if isinstance(found, list) else [found])
    if any(item is not UNKNOWN and not isinstance(item, dict) for item in items):
        raise MalformedError(place)
    return tuple(Statement(item, place) for item in items)


@cache
def _loaded(text: str) -> Any:
    """The value of a JSON text, None where it is none. It is shared: nobody may change it."""
    try:
        return normalise(json.loads(text))[0]
    except (ValueError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom a statement is about."""

    kind: str
    """In lower case: `aws`, `service`, `federated`, `canonicaluser`."""
    value: str

    @property
    def is_everyone(self) -> bool:
        """Whether it is anybody at all."""
        return self.kind == "aws" and self.value.strip() in ("*", "arn:aws:iam::*:root", "arn:aws:iam::*:*")

    @property
    def account(self) -> str:
        """The account of an AWS principal, empty where it names none."""
        if self.kind != "aws":
            return ""
        parts = self.value.split(":")
        account = parts[4] if len(parts) > 4 else self.value  # noqa: PLR2004 (an ARN's fifth part)
        return account if re.fullmatch("[0-9]{12}", account) else ""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a statement."""

    operator: str
    """In lower case, `stringequals`, without the set and the `IfExists`."""
    key: str
    """In lower case."""
    values: tuple[str, ...]
    if_exists: bool
    """Whether it also holds where the request has no such key (`…IfExists`, `ForAllValues:…`)."""

    @property
    def names_values(self) -> bool:
        """Whether the request's value has to be one of its values, none of which is everything."""
        return (
            self.operator in _POSITIVE
            and not self.if_exists
            and bool(self.values)
            and not any(_is_everything(value) and not _names_account(value) for value in self.values)
        )


_POSITIVE: Final = frozenset(
    {
        "stringequals",
        "stringequalsignorecase",
        "stringlike",
        "arnequals",
        "arnlike",
        "ipaddress",
        "numericequals",
        "binaryequals",
    }
)

_NARROWING: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:username",
        "aws:vpcsourceip",
        "elasticfilesystem:accesspointarn",
        "kms:calleraccount",
        "lambda:eventsourcetoken",
        "lambda:principalorgid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "sns:endpoint",
        "sts:externalid",
    }
)
"""The condition keys that limit who may use a statement, in lower case."""


class Statement:
    """One statement of a policy document. Reading what is unknown in it raises `UndecidedError`."""

    __slots__ = ("_view", "place")

    def __init__(self, value: Any, place: str) -> None:
        """Keeps a statement's object.

        Args:
            value: the normalised object, or `UNKNOWN`.
            place: which property it stands in, for messages.
        """
        self._view = View(
            _lower(cast("dict[str, Any]", value)) if isinstance(value, dict) else value, (place,)
        )
        self.place = place

    @property
    def sid(self) -> str:
        """Its identifier, empty where it has none."""
        return self._view.text("sid")

    @property
    def allows(self) -> bool:
        """Whether its effect is to allow."""
        return self._view.text("effect").lower() == "allow"

    @property
    def denies(self) -> bool:
        """Whether its effect is to deny."""
        return self._view.text("effect").lower() == "deny"

    @property
    def actions(self) -> tuple[str, ...]:
        """The patterns of its `Action`."""
        return tuple(self._view.texts("action"))

    @property
    def resources(self) -> tuple[str, ...]:
        """The patterns of its `Resource`."""
        return tuple(self._view.texts("resource"))

    @property
    def has_not_action(self) -> bool:
        """Whether it names what it does not cover (`NotAction`)."""
        return self._view.is_present("notaction")

    @property
    def has_not_resource(self) -> bool:
        """Whether it names the resources that it does not cover (`NotResource`)."""
        return self._view.is_present("notresource")

    @property
    def has_not_principal(self) -> bool:
        """Whether it names the principals that it does not cover (`NotPrincipal`)."""
        return self._view.is_present("notprincipal")

    @property
    def covers_everything(self) -> bool:
        """Whether it covers every action: `*`, `*:*`."""
        return any_holds(lambda action: action.strip("*:") == "", self._view.texts("action"))

    @property
    def covers_whole_services(self) -> bool:
        """Whether it covers every action of a service: `s3:*`, or of all."""
        return any_holds(
            lambda action: action == "*" or action.partition(":")[2].strip("*") == "",
            self._view.texts("action"),
        )

    @property
    def covers_all_resources(self) -> bool:
        """Whether it covers resources that nobody named: `*`, `arn:aws:s3:::*`, or a `NotResource`."""
        if self.has_not_resource:
            return True
        return any_holds(_is_everything, self._view.texts("resource"))

    def covers_action(self, action: str) -> bool:
        """Whether it covers an action, `iam:PassRole`, by `Action` or by `NotAction`."""
        if self.has_not_action:
            return not any_holds(lambda pattern: matches(pattern, action), self._view.texts("notaction"))
        return any_holds(lambda pattern: matches(pattern, action), self._view.texts("action"))

    def covers_resource(self, arn: str) -> bool:
        """Whether it covers a resource by its ARN, by `Resource` or by `NotResource`."""
        if self.has_not_resource:
            return not any_holds(lambda pattern: matches(pattern, arn), self._view.texts("notresource"))
        return any_holds(lambda pattern: matches(pattern, arn), self._view.texts("resource"))

    @property
    def principals(self) -> Iterator[Principal]:
        """Whom it is about; those that are known come first."""
        value = self._view.get("principal")
        if isinstance(value, str):
            yield Principal("aws", value)
            return
        undecided: UndecidedError | None = None
        around = self._view.object("principal")
        for kind in around.names():
            try:
                for text in around.texts((kind,)):
                    yield Principal(kind.lower(), text)
            except UndecidedError as error:
                undecided = error
        if undecided:
            raise undecided

    @property
    def is_for_everyone(self) -> bool:
        """Whether its principal is anybody, whatever its conditions say."""
        return self.has_not_principal or any_holds(lambda principal: principal.is_everyone, self.principals)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Its conditions."""
        around = self._view.object("condition")
        found: list[Condition] = []
        for operator in around.names():
            name = operator.lower()
            bare = name.removeprefix("foranyvalue:").removeprefix("forallvalues:").removesuffix("ifexists")
            optional = name.endswith("ifexists") or name.startswith("forallvalues:")
            keys = around.object((operator,))
            found += [Condition(bare, key.lower(), _values(keys, key), optional) for key in keys.names()]
        return tuple(found)

    def limits(self, *keys: str) -> bool:
        """Whether a condition demands named values of one of the keys, `aws:SourceArn`."""
        wanted = {key.lower() for key in keys}
        return any(condition.key in wanted and condition.names_values for condition in self.conditions)

    @property
    def narrows(self) -> bool:
        """Whether a condition limits who may use it: an account, an organisation, a network, a source."""
        return any(
            (condition.key in _NARROWING or condition.key.endswith(":sub")) and condition.names_values
            for condition in self.conditions
        )

    @property
    def is_public(self) -> bool:
        """Whether it allows something to everyone, with no condition that limits who that is."""
        return self.allows and self.is_for_everyone and not self.narrows


def matches(pattern: str, value: str) -> bool:
    """Whether a pattern of a policy, with `*` and `?`, fits a value; case does not matter."""
    return bool(_compiled(pattern.lower()).fullmatch(value.lower()))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    pieces = re.split(r"(\*+|\?)", pattern)
    return re.compile(
        "".join(".*" if p.startswith("*") else "." if p == "?" else re.escape(p) for p in pieces), re.DOTALL
    )


def allowed(found: Iterable[Statement], action: str) -> bool:
    """Whether statements allow an action on resources that nobody named, without a condition.

    A statement that denies it on every resource without a condition takes it away.
    """
    every = tuple(found)
    broad = any_holds(
        lambda s: s.allows and s.covers_action(action) and s.covers_all_resources and not s.conditions, every
    )
    return broad and not any_holds(
        lambda s: s.denies and s.covers_action(action) and s.covers_all_resources and not s.conditions, every
    )


ESCALATIONS: Final[tuple[tuple[str, ...], ...]] = (
    ("iam:AddUserToGroup",),
    ("iam:AttachGroupPolicy",),
    ("iam:AttachRolePolicy",),
    ("iam:AttachUserPolicy",),
    ("iam:CreateAccessKey",),
    ("iam:CreateLoginProfile",),
    ("iam:CreatePolicyVersion",),
    ("iam:DeleteRolePermissionsBoundary",),
    ("iam:DeleteUserPermissionsBoundary",),
    ("iam:PutGroupPolicy",),
    ("iam:PutRolePolicy",),
    ("iam:PutUserPolicy",),
    ("iam:SetDefaultPolicyVersion",),
    ("iam:UpdateAssumeRolePolicy",),
    ("iam:UpdateLoginProfile",),
    ("iam:PassRole", "autoscaling:CreateAutoScalingGroup", "ec2:CreateLaunchTemplate"),
    ("iam:PassRole", "cloudformation:CreateStack"),
    ("iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"),
    ("iam:PassRole", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"),
    ("iam:PassRole", "ec2:RunInstances"),
    ("iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"),
    ("iam:PassRole", "glue:CreateDevEndpoint"),
    ("iam:PassRole", "glue:CreateJob", "glue:StartJobRun"),
    ("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"),
    ("iam:PassRole", "sagemaker:CreateNotebookInstance"),
    ("iam:PassRole", "ssm:StartAutomationExecution"),
    ("iam:PassRole", "states:CreateStateMachine", "states:StartExecution"),
    ("lambda:UpdateFunctionCode",),
    ("ec2-instance-connect:SendSSHPublicKey",),
    ("ssm:SendCommand",),
    ("sts:AssumeRole",),
)
"""Actions that together, on resources that nobody named, let a principal take more than it was given."""


LIMITABLE: Final = (
    "acm:ExportCertificate",
    "autoscaling:CompleteLifecycleAction",
    "autoscaling:UpdateAutoScalingGroup",
    "backup:DeleteRecoveryPoint",
    "bedrock:InvokeModel",
    "cloudformation:DeleteStack",
    "cloudfront:CreateInvalidation",
    "codebuild:StartBuild",
    "codepipeline:StartPipelineExecution",
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:DeleteTable",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:DeleteSnapshot",
    "ec2:DeleteVolume",
    "ec2:ModifyInstanceAttribute",
    "ec2:RunInstances",
    "ec2:StartInstances",
    "ec2:StopInstances",
    "ec2:TerminateInstances",
    "ecr:BatchGetImage",
    "ecr:PutImage",
    "ecs:ExecuteCommand",
    "ecs:RunTask",
    "ecs:UpdateService",
    "elasticache:Connect",
    "elasticache:ModifyUser",
    "elasticfilesystem:ClientMount",
    "elasticfilesystem:ClientWrite",
    "es:ESHttpGet",
    "es:ESHttpPost",
    "es:ESHttpPut",
    "events:PutEvents",
    "execute-api:Invoke",
    "firehose:PutRecord",
    "firehose:PutRecordBatch",
    "kinesis:GetRecords",
    "kinesis:PutRecord",
    "kinesis:PutRecords",
    "kms:CreateGrant",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "lambda:AddPermission",
    "lambda:DeleteFunction",
    "lambda:InvokeFunction",
    "lambda:UpdateFunctionConfiguration",
    "logs:CreateLogStream",
    "logs:DeleteLogGroup",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:PutLogEvents",
    "logs:PutRetentionPolicy",
    "rds-db:connect",
    "rds:DeleteDBCluster",
    "rds:DeleteDBInstance",
    "rds:ModifyDBCluster",
    "rds:ModifyDBInstance",
    "route53:ChangeResourceRecordSets",
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:PutBucketPolicy",
    "s3:PutObject",
    "s3:ReplicateObject",
    "secretsmanager:DeleteSecret",
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:ListSecretVersionIds",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecret",
    "sns:Publish",
    "sqs:DeleteMessage",
    "sqs:PurgeQueue",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ssm:PutParameter",
    "ssm:ResumeSession",
    "ssm:StartSession",
    "ssm:TerminateSession",
    "states:StartExecution",
)
"""Actions on data, or that run or stop something, which a policy can limit to named resources, by
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html.
Those that lead to more rights are in `ESCALATIONS`."""


def escalations(found: Iterable[Statement]) -> list[tuple[str, ...]]:
    """The combinations of `ESCALATIONS` that statements allow.

    Raises:
        UndecidedError: something decisive in them is unknown.
    """
    broad = tuple(filter(_may_be_broad, found))
    return [actions for actions in ESCALATIONS if all(allowed(broad, action) for action in actions)]


def _may_be_broad(statement: Statement) -> bool:
    """Whether a statement may cover resources that nobody named; the others escalate nothing."""
    try:
        return statement.covers_all_resources
    except UndecidedError:
        return True


def _permission(resource: Resource) -> Statement:
    """A function's permission as the statement that AWS makes of it."""
    conditions: dict[str, Any] = {}
    for name, key in (("sourceArn", "aws:SourceArn"), ("sourceAccount", "aws:SourceAccount")):
        if resource.is_present(name):
            conditions.setdefault("StringLike", {})[key] = resource.raw(name)
    if resource.is_present("principalOrgId"):
        conditions.setdefault("StringEquals", {})["aws:PrincipalOrgID"] = resource.raw("principalOrgId")
    if resource.is_present("eventSourceToken"):
        conditions.setdefault("StringEquals", {})["lambda:EventSourceToken"] = resource.raw(
            "eventSourceToken"
        )
    principal = resource.raw("principal")
    service = isinstance(principal, str) and "." in principal
    return Statement(
        {
            "Effect": "Allow",
            "Action": resource.raw("action"),
            "Resource": resource.raw("function"),
            "Principal": {"Service" if service else "AWS": principal},
            "Condition": conditions,
        },
        "principal",
    )


def _values(keys: View, key: str) -> tuple[str, ...]:
    """The values of a condition. One that is unknown is a value that somebody names."""
    value = keys.raw((key,))
    items = cast("list[Any]", value if isinstance(value, list) else [value])
    return tuple("(unknown)" if item is UNKNOWN else str(item) for item in items if item is not None)


def _is_everything(pattern: str) -> bool:
    """Whether a pattern leaves everything in: `*`, `arn:aws:s3:::*`, `0.0.0.0/0`."""
    if pattern.strip("*?") == "" or pattern in ("0.0.0.0/0", "::/0"):
        return True
    parts = pattern.split(":", 5)
    if parts[0] != "arn" or len(parts) < 6:  # noqa: PLR2004 (an ARN's six parts)
        return False
    # `role/*` is every role, but `data/*` is what one bucket contains.
    kind = "" if parts[2] == "s3" else "([a-z-]+[/:])?"
    return re.fullmatch(rf"{kind}\*+([/:]\*+)*", parts[5]) is not None


def _names_account(pattern: str) -> bool:
    """Whether a pattern is an ARN with an account, so that all that it leaves in is that account's."""
    return re.match(r"arn:[^:]*:[^:]*:[^:]*:[0-9]{12}:", pattern) is not None


def _lower(value: dict[str, Any]) -> dict[str, Any]:
    """An object with its keys in lower case: the grammar's words come in several spellings."""
    return {key.lower(): item for key, item in value.items()}
