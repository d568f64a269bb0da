"""What the roles may do: enough for what they are for, and nothing that leads beyond it."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore
import pytest
from botocore.session import Session

from infra.fixtures import LOOKUPS
from infra.reading import ROOT
from policies.iam import Statement, parse
from policies.view import Resource
from tests.bootstrap.evaluator import allows
from tests.bootstrap.needed import LOOKED_UP, NEEDED
from tests.bootstrap.resolved import bootstrap
from tests.program.stacks import STACKS, built

_botocore: Any = botocore
ROLES = ("DeployRole", "DriftRole", "PreviewRole", "RecoveryRole")
READING = re.compile(r"[a-z0-9-]+:(BatchGet|Describe|Get|List)\w*\*?")
STATE = "syncup-bootstrap-production"
_NOT_CALLS = {
    "backup-storage:MountCapsule",
    "cloudfront:AllowVendedLogDeliveryForResource",
    "iam:PassRole",
    "lambda:InvokeFunction",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
}
"""Actions that are no call's name, beside S3's: IAM has older and fewer names for its calls."""
_CLIENTS = {"access-analyzer": "accessanalyzer", "elasticloadbalancing": "elbv2", "es": "opensearch"}
"""botocore's names where they differ from IAM's."""


def _token(resource: Any) -> str:
    _, module, name = resource.type.split(":")
    return f"{module.partition('/')[0]}.{name}"


def _of_aws(stack: str) -> list[Any]:
    return [resource for resource in built(stack).known.resources if resource.type.startswith("aws:")]


@cache
def _covered(role: str, action: str) -> bool:
    """Whether a role's policies allow an action on something."""
    return any(statement.allows and statement.covers_action(action) for statement in bootstrap().rights(role))


@cache
def _methods(service: str) -> Mapping[str, str]:
    """The calls of a service of AWS, by the name of a client's method."""
    model: Any = _aws().get_service_model(service)
    return {_botocore.xform_name(name): name for name in model.operation_names}


@cache
def _aws() -> Any:
    """What botocore knows of AWS' services. A client of each would take longer than all the tests here."""
    return Session()


# Enough ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stack", STACKS)
def test_it_is_known_what_every_type_of_the_program_needs(stack: str) -> None:
    assert {_token(resource) for resource in _of_aws(stack)} <= NEEDED.keys()


def test_nothing_is_said_of_types_that_the_program_has_not() -> None:
    assert NEEDED.keys() == {_token(resource) for stack in STACKS for resource in _of_aws(stack)}


@pytest.mark.parametrize("token", sorted(NEEDED))
def test_the_role_that_deploys_may_do_what_a_type_needs(token: str) -> None:
    assert [action for action in NEEDED[token] if not _covered("DeployRole", action)] == []


@pytest.mark.parametrize("token", sorted(NEEDED))
def test_the_role_that_compares_may_read_every_type(token: str) -> None:
    reading = [action for action in NEEDED[token] if READING.fullmatch(action)]
    assert [action for action in reading if not _covered("DriftRole", action)] == []


def test_actions_are_aws_own() -> None:
    unknown: list[str] = []
    for action in sorted({action for actions in NEEDED.values() for action in actions} - _NOT_CALLS):
        service, _, name = action.partition(":")
        if service == "s3":
            continue
        if name not in _methods(_CLIENTS.get(service, service)).values():
            unknown.append(action)
    assert unknown == []


@pytest.mark.parametrize("role", ["PreviewRole", "DriftRole", "DeployRole"])
def test_whoever_previews_may_look_up_what_the_program_asks(role: str) -> None:
    assert len(LOOKED_UP) == len(LOOKUPS) + 1  # a prefix list takes two calls
    assert [action for action in LOOKED_UP if not _covered(role, action)] == []


@pytest.mark.parametrize("stack", STACKS)
def test_what_the_program_names_is_what_the_role_that_deploys_may_make(stack: str) -> None:
    found = bootstrap(stack)
    rights = found.rights("DeployRole")
    boundary = {"iam:permissionsboundary": found.arn("Boundary"), "aws:requestedregion": found.region}
    asked = [
        (action, arn.format(account=found.account, name=name))
        for resource in _of_aws(stack)
        for action, arn, key in _MADE_BY_NAME.get(_token(resource), ())
        if isinstance(name := resource.inputs.get(key), str)
    ]
    assert len(asked) > 100
    assert [one for one in asked if not allows(rights, *one, boundary)] == []
    strange = [(action, arn.replace("syncup", "other")) for action, arn in asked if "syncup" in arn]
    assert [one for one in strange if allows(rights, *one, boundary)] == []


_MADE_BY_NAME = {
    "autoscaling.Group": [
        (
            "autoscaling:CreateAutoScalingGroup",
            "arn:aws:autoscaling:us-west-2:{account}:autoScalingGroup:0:autoScalingGroupName/{name}",
            "name",
        )
    ],
    "backup.Vault": [
        ("backup:CreateBackupVault", "arn:aws:backup:us-west-2:{account}:backup-vault:{name}", "name")
    ],
    "cloudtrail.Trail": [
        ("cloudtrail:CreateTrail", "arn:aws:cloudtrail:us-west-2:{account}:trail/{name}", "name")
    ],
    "cloudwatch.CompositeAlarm": [
        ("cloudwatch:PutCompositeAlarm", "arn:aws:cloudwatch:us-west-2:{account}:alarm:{name}", "alarmName")
    ],
    "cloudwatch.Dashboard": [
        ("cloudwatch:PutDashboard", "arn:aws:cloudwatch::{account}:dashboard/{name}", "dashboardName")
    ],
    "cloudwatch.LogGroup": [
        ("logs:CreateLogGroup", "arn:aws:logs:us-west-2:{account}:log-group:{name}:log-stream:", "name")
    ],
    "cloudwatch.MetricAlarm": [
        ("cloudwatch:PutMetricAlarm", "arn:aws:cloudwatch:us-west-2:{account}:alarm:{name}", "name")
    ],
    "codebuild.Project": [
        ("codebuild:CreateProject", "arn:aws:codebuild:us-west-2:{account}:project/{name}", "name")
    ],
    "elasticache.ReplicationGroup": [
        (
            "elasticache:CreateReplicationGroup",
            "arn:aws:elasticache:us-west-2:{account}:replicationgroup:{name}",
            "replicationGroupId",
        )
    ],
    "elasticache.User": [
        ("elasticache:CreateUser", "arn:aws:elasticache:us-west-2:{account}:user:{name}", "userId")
    ],
    "elasticache.UserGroup": [
        (
            "elasticache:CreateUserGroup",
            "arn:aws:elasticache:us-west-2:{account}:usergroup:{name}",
            "userGroupId",
        )
    ],
    "iam.InstanceProfile": [
        ("iam:CreateInstanceProfile", "arn:aws:iam::{account}:instance-profile/{name}", "name")
    ],
    "iam.Policy": [("iam:CreatePolicy", "arn:aws:iam::{account}:policy/{name}", "name")],
    "iam.Role": [
        ("iam:CreateRole", "arn:aws:iam::{account}:role/{name}", "name"),
        ("iam:PutRolePolicy", "arn:aws:iam::{account}:role/{name}", "name"),
    ],
    "iam.SamlProvider": [("iam:CreateSAMLProvider", "arn:aws:iam::{account}:saml-provider/{name}", "name")],
    "kms.Alias": [("kms:CreateAlias", "arn:aws:kms:us-west-2:{account}:{name}", "name")],
    "lambda.Function": [
        ("lambda:CreateFunction", "arn:aws:lambda:us-west-2:{account}:function:{name}", "name")
    ],
    "opensearch.Domain": [("es:CreateDomain", "arn:aws:es:us-west-2:{account}:domain/{name}", "domainName")],
    "rds.Instance": [("rds:CreateDBInstance", "arn:aws:rds:us-west-2:{account}:db:{name}", "identifier")],
    "rds.SubnetGroup": [("rds:CreateDBSubnetGroup", "arn:aws:rds:us-west-2:{account}:subgrp:{name}", "name")],
    "s3.Bucket": [
        ("s3:CreateBucket", "arn:aws:s3:::{name}", "bucket"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::{name}", "bucket"),
    ],
    "scheduler.Schedule": [
        ("scheduler:CreateSchedule", "arn:aws:scheduler:us-west-2:{account}:schedule/default/{name}", "name")
    ],
    "secretsmanager.Secret": [
        (
            "secretsmanager:CreateSecret",
            "arn:aws:secretsmanager:us-west-2:{account}:secret:{name}-a1B2c3",
            "name",
        )
    ],
    "sns.Topic": [("sns:CreateTopic", "arn:aws:sns:us-west-2:{account}:{name}", "name")],
    "sqs.Queue": [("sqs:CreateQueue", "arn:aws:sqs:us-west-2:{account}:{name}", "name")],
    "ssm.Document": [("ssm:CreateDocument", "arn:aws:ssm:us-west-2:{account}:document/{name}", "name")],
    "ssm.Parameter": [("ssm:PutParameter", "arn:aws:ssm:us-west-2:{account}:parameter{name}", "name")],
}
"""By type: what makes it, on which ARN, and which property has its name."""


# The procedures that workflows run ------------------------------------------------------------------------

_OTHERS = {
    "bootstrap": "whoever sets an account up",
    "image": "whoever chooses a new image",
    "maintenance_cache": "the maintenance window's own function, or whoever is on call",
    "secrets": "whoever has a new value; an update only looks whether there is one, and rotates",
    "security_scan": "the nightly look, as its own role",
    "security_exposure": "whoever tests the security",
    "tunnel": "whoever reaches the database by hand",
}
"""Modules of `operate/` whose calls the role that deploys does not make, and who makes them."""
_RUN = {
    "DriftRole": {"security_scan"},
    "RecoveryRole": {"backups", "job", "postgres_checks", "recovery_test"},
}
"""Modules whose calls the other roles make. All that is nobody else's the role that deploys makes."""
_IN_IAM = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListObjectsV2": "s3:ListBucket",
    # They sign here, and ask nobody.
    "rds:GenerateDbAuthToken": "",
    "s3:GeneratePresignedUrl": "",
    # Everybody may ask who they are.
    "sts:GetCallerIdentity": "",
}
"""What IAM calls a call, where it has another name for it."""


@cache
def _calls(module: str) -> frozenset[str]:
    """The calls of AWS that a module makes: attributes that are called, by the clients that it has."""
    text = (ROOT / "operate" / f"{module}.py").read_text(encoding="utf-8")
    called = set(re.findall(r"\.(\w+)\(", text)) | set(re.findall(r'get_paginator\("(\w+)"\)', text))
    found: set[str] = set()
    for service in set(re.findall(r'client\("([\w-]+)"', text)):
        known = _methods(service)
        found |= {f"{service}:{known[name]}" for name in called & known.keys()}
    return frozenset(_IN_IAM.get(call, call) for call in found) - {""}


def test_modules_of_others_are_there() -> None:
    assert [name for name in _OTHERS if not _calls(name)] == []


@pytest.mark.parametrize("module", sorted(file.stem for file in (ROOT / "operate").glob("[a-z]*.py")))
def test_the_role_that_deploys_may_do_what_a_procedure_does(module: str) -> None:
    if module not in _OTHERS:
        assert [call for call in _calls(module) if not _covered("DeployRole", call)] == []


@pytest.mark.parametrize("role", sorted(_RUN))
def test_another_role_may_do_what_its_procedure_does(role: str) -> None:
    calls = {call for module in _RUN[role] for call in _calls(module)}
    assert calls
    assert [call for call in sorted(calls) if not _covered(role, call)] == []


# Roles of the program ------------------------------------------------------------------------------------


def _statements(stack: str) -> list[tuple[str, Statement]]:
    """What the program's own roles are allowed, and where."""
    found: list[tuple[str, Statement]] = []
    for resource in built(stack).known.resources:
        if resource.type != "aws:iam/rolePolicy:RolePolicy":
            continue
        name = resource.urn.rpartition("::")[2]
        view = Resource(urn=resource.urn, type_token=resource.type, inputs=dict(resource.inputs))
        found += [(name, statement) for statement in parse(view, "policy") if statement.allows]
    return found


@pytest.mark.parametrize("stack", STACKS)
def test_the_boundary_leaves_the_programs_roles_what_they_need(stack: str) -> None:
    boundary = bootstrap(stack).policy("Boundary")
    beyond = [
        f"{name}: {action} on {resource}"
        for name, statement in _statements(stack)
        for action in statement.actions
        for resource in statement.resources
        if not any(limit.covers_action(action) and limit.covers_resource(resource) for limit in boundary)
    ]
    assert beyond == []


@pytest.mark.parametrize("stack", STACKS)
def test_every_role_of_the_program_is_bounded(stack: str) -> None:
    found = bootstrap(stack)
    roles = [r for r in built(stack).known.resources if r.type == "aws:iam/role:Role"]
    assert {role.inputs.get("permissionsBoundary") for role in roles} == {found.arn("Boundary")}


@pytest.mark.parametrize("stack", STACKS)
def test_roles_are_passed_to_the_services_that_they_are_for(stack: str) -> None:
    found = bootstrap(stack)
    services = {
        value
        for resource in built(stack).known.resources
        if resource.type == "aws:iam/role:Role"
        for value in re.findall(r'"([\w.]+\.amazonaws\.com)"', str(resource.inputs["assumeRolePolicy"]))
    }
    role = f"arn:aws:iam::{found.account}:role/syncup-{stack}-anything"
    passing = {
        service
        for service in services | {"ecs-tasks.amazonaws.com"}
        if allows(
            found.rights("DeployRole"),
            "iam:PassRole",
            role,
            {"iam:passedtoservice": service, "aws:requestedregion": "us-east-1"},
        )
    }
    assert passing == services


@pytest.mark.parametrize("stack", STACKS)
def test_policies_of_aws_that_are_attached_may_be(stack: str) -> None:
    found = bootstrap(stack)
    attached = {
        str(resource.inputs["policyArn"])
        for resource in built(stack).known.resources
        if resource.type == "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    }
    role = f"arn:aws:iam::{found.account}:role/syncup-{stack}-anything"

    def may(policy: str, boundary: str) -> bool:
        request = {
            "iam:policyarn": policy,
            "iam:permissionsboundary": boundary,
            "aws:requestedregion": "us-east-1",
        }
        return allows(found.rights("DeployRole"), "iam:AttachRolePolicy", role, request)

    assert attached
    assert [policy for policy in sorted(attached) if not may(policy, found.arn("Boundary"))] == []
    assert not may("arn:aws:iam::aws:policy/AdministratorAccess", found.arn("Boundary"))
    assert [policy for policy in sorted(attached) if may(policy, "")] == []


# No more -------------------------------------------------------------------------------------------------

_KEY = "arn:aws:kms:us-west-2:111122223333:key/StateKey"
_BEYOND = (
    ("cloudformation:UpdateStack", f"arn:aws:cloudformation:us-west-2:111122223333:stack/{STATE}/1"),
    ("iam:AttachRolePolicy", f"arn:aws:iam::111122223333:role/{STATE}-deploy"),
    ("iam:AttachUserPolicy", "arn:aws:iam::111122223333:user/anna"),
    ("iam:CreateAccessKey", "arn:aws:iam::111122223333:user/anna"),
    ("iam:CreatePolicyVersion", f"arn:aws:iam::111122223333:policy/{STATE}-boundary"),
    ("iam:CreateRole", "arn:aws:iam::111122223333:role/syncup-production-new"),
    ("iam:CreateUser", "arn:aws:iam::111122223333:user/syncup-production-anna"),
    ("iam:DeletePolicy", f"arn:aws:iam::111122223333:policy/{STATE}-boundary"),
    ("iam:DeleteRolePermissionsBoundary", "arn:aws:iam::111122223333:role/syncup-production-application"),
    ("iam:PassRole", f"arn:aws:iam::111122223333:role/{STATE}-deploy"),
    ("iam:PutRolePermissionsBoundary", "arn:aws:iam::111122223333:role/syncup-production-application"),
    ("iam:PutRolePolicy", "arn:aws:iam::111122223333:role/syncup-production-application"),
    ("iam:PutRolePolicy", f"arn:aws:iam::111122223333:role/{STATE}-deploy"),
    ("iam:SetDefaultPolicyVersion", f"arn:aws:iam::111122223333:policy/{STATE}-boundary"),
    ("iam:UpdateAssumeRolePolicy", f"arn:aws:iam::111122223333:role/{STATE}-deploy"),
    ("iam:UpdateOpenIDConnectProviderThumbprint", "arn:aws:iam::111122223333:oidc-provider/x"),
    ("kms:DisableKey", _KEY),
    ("kms:PutKeyPolicy", _KEY),
    ("kms:ScheduleKeyDeletion", _KEY),
    ("organizations:LeaveOrganization", "*"),
    ("s3:DeleteBucket", f"arn:aws:s3:::{STATE}-111122223333-us-west-2"),
    ("s3:DeleteBucketPolicy", f"arn:aws:s3:::{STATE}-111122223333-us-west-2"),
    (
        "s3:DeleteObjectVersion",
        f"arn:aws:s3:::{STATE}-111122223333-us-west-2/.pulumi/stacks/syncup/production.json",
    ),
    ("s3:PutBucketVersioning", f"arn:aws:s3:::{STATE}-111122223333-us-west-2"),
    ("s3:PutObject", f"arn:aws:s3:::{STATE}-111122223333-us-west-2-log/state/1"),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-west-2:111122223333:secret:other-a1B2c3"),
    ("sts:AssumeRole", "arn:aws:iam::111122223333:role/syncup-production-support"),
)
"""What none of the roles may do, without a boundary in the request."""


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("asked", _BEYOND, ids=lambda asked: f"{asked[0]} {asked[1].rpartition(':')[2]}")
def test_no_role_leads_beyond_itself(role: str, asked: tuple[str, str]) -> None:
    found = bootstrap()
    # The state's key has no such tag.
    request = {"aws:requestedregion": "us-west-2", "aws:resourcetag/project": "syncup"}
    assert not allows(found.rights(role), *asked, request)


def test_a_role_within_the_boundary_can_be_made_and_one_without_cannot() -> None:
    found = bootstrap()
    asked = "iam:CreateRole", f"arn:aws:iam::{found.account}:role/syncup-production-new"
    here = {"aws:requestedregion": "us-east-1"}
    rights = found.rights("DeployRole")
    assert allows(rights, *asked, {**here, "iam:permissionsboundary": found.arn("Boundary")})
    assert not allows(rights, *asked, {**here, "iam:permissionsboundary": found.arn("Reading")})
    assert not allows(rights, *asked, here)


def test_nothing_is_deployed_in_another_region() -> None:
    found = bootstrap()
    rights = found.rights("DeployRole")
    asked = "ec2:RunInstances", f"arn:aws:ec2:us-west-2:{found.account}:instance/*"
    assert allows(rights, *asked, {"aws:requestedregion": "us-west-2"})
    assert not allows(rights, *asked, {"aws:requestedregion": "eu-central-1"})


@pytest.mark.parametrize("stack", STACKS)
def test_the_boundary_holds_no_way_out(stack: str) -> None:
    found = bootstrap(stack)
    boundary = found.policy("Boundary")
    services = {action.partition(":")[0] for statement in boundary for action in statement.actions}
    assert services.isdisjoint({"iam", "sts", "organizations", "account", "cloudformation", "*"})
    for action, arn in _BEYOND:
        assert not allows(boundary, action, arn), action
    other = "arn:aws:secretsmanager:us-west-2:111122223333:secret:syncup/other/database-a1B2c3"
    assert not allows(boundary, "secretsmanager:GetSecretValue", other)


@pytest.mark.parametrize("role", ["DriftRole", "PreviewRole"])
def test_who_only_looks_can_change_nothing(role: str) -> None:
    changing = [
        action
        for statement in bootstrap().rights(role)
        if statement.allows
        for action in statement.actions
        if not READING.fullmatch(action) and action != "kms:Decrypt"
    ]
    assert changing == []


_DATA = (
    ("cloudtrail:LookupEvents", "*"),
    ("dynamodb:GetItem", "*"),
    ("es:ESHttpGet", "arn:aws:es:us-west-2:111122223333:domain/syncup-production-search/logs/_search"),
    ("kms:Decrypt", "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    ("lambda:InvokeFunction", "arn:aws:lambda:us-west-2:111122223333:function:syncup-production-logs-setup"),
    ("logs:FilterLogEvents", "arn:aws:logs:us-west-2:111122223333:log-group:/syncup/production/application"),
    ("logs:GetLogEvents", "arn:aws:logs:us-west-2:111122223333:log-group:/syncup/production/application"),
    ("logs:StartQuery", "arn:aws:logs:us-west-2:111122223333:log-group:/syncup/production/application"),
    ("rds:DownloadDBLogFilePortion", "arn:aws:rds:us-west-2:111122223333:db:syncup-production-g1"),
    ("rds-db:connect", "arn:aws:rds-db:us-west-2:111122223333:dbuser:db-A/app_a"),
    ("s3:GetObject", "arn:aws:s3:::syncup-production-dumps-111122223333-us-west-2/daily/backup.sql.gz"),
    ("s3:GetObject", "arn:aws:s3:::syncup-production-releases-111122223333-us-west-2/releases/1"),
    ("s3:GetObjectVersion", "arn:aws:s3:::syncup-production-records-111122223333-us-west-2/INC1"),
    (
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:us-west-2:111122223333:secret:syncup/production/third-party-a1B2c3",
    ),
    ("ssm:GetParameter", "arn:aws:ssm:us-west-2:111122223333:parameter/other/password"),
)
"""What is in things, and not how they are configured."""


@pytest.mark.parametrize("role", ["DriftRole", "PreviewRole"])
@pytest.mark.parametrize("asked", _DATA, ids=lambda asked: asked[0])
def test_who_only_looks_sees_no_data(role: str, asked: tuple[str, str]) -> None:
    request = {"aws:requestedregion": "us-west-2", "kms:resourcealiases": "alias/syncup-production-data"}
    assert not allows(bootstrap().rights(role), *asked, request)


def test_a_preview_reads_the_state_and_writes_none() -> None:
    rights = bootstrap().rights("PreviewRole")
    state = f"arn:aws:s3:::{STATE}-111122223333-us-west-2/.pulumi/stacks/syncup/production.json"
    assert allows(rights, "s3:GetObject", state)
    assert allows(rights, "kms:Decrypt", _KEY)
    for action in ("s3:PutObject", "s3:DeleteObject", "kms:Encrypt"):
        assert not allows(rights, action, state)
        assert not allows(rights, action, _KEY)
