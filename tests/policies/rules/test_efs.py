"""What the rules of file systems decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rules import efs
from tests.policies.kit import MAIN, SIDE, Case, Side, arn, backup_selection, judged, policy, reference

_KEY = arn("kms", "key/1a2b3c4d")
_BACKUPS = "aws:efs/backupPolicy:BackupPolicy"
_COPIED = {"copies_to_other_region": True}


def _backups(status: str) -> Side:
    return Side(_BACKUPS, fileSystemId=MAIN, backupPolicy={"status": status})


def _denial(secure: str) -> str:
    statement: dict[str, Any] = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "*",
        "Condition": {"Bool": {"aws:SecureTransport": secure}},
    }
    return policy(statement)


def _subnet(**given: Any) -> Side:
    return Side("aws:ec2/subnet:Subnet", vpcId="vpc-1", **given)


def _routes(**route: str) -> list[Side]:
    return [
        _subnet(),
        Side(
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            subnetId=SIDE,
            routeTableId=reference(3),
        ),
        Side("aws:ec2/routeTable:RouteTable", vpcId="vpc-1", routes=[{"cidrBlock": "0.0.0.0/0", **route}]),
    ]


CASES = (
    Case(efs.encrypted_at_rest, compliant={"encrypted": True}, violating={"encrypted": False}),
    Case(efs.encrypted_with_own_key, compliant={"kmsKeyId": _KEY}, unknown=Verdict.COMPLIANT),
    Case(
        efs.in_backup_plan,
        compliant_beside=backup_selection([MAIN]),
        violating_beside=backup_selection(
            ["arn:aws:elasticfilesystem:us-west-2:111122223333:file-system/another"]
        ),
    ),
    *(
        Case(rule, compliant_beside=[_backups("ENABLED")], violating_beside=[_backups("DISABLED")])
        for rule in (efs.in_backup_plan, efs.automatic_backups)
    ),
    Case(
        efs.copied_to_another_region,
        compliant_beside=[
            Side(
                "aws:efs/replicationConfiguration:ReplicationConfiguration",
                sourceFileSystemId=MAIN,
                destination={"region": "us-east-2"},
            )
        ],
        settings=_COPIED,
    ),
    Case(
        efs.access_point_root,
        compliant={"rootDirectory": {"path": "/uploads"}},
        violating={"rootDirectory": {"path": "/"}},
    ),
    Case(
        efs.access_point_user,
        compliant={"posixUser": {"uid": 1000, "gid": 1000}},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        efs.mount_target_private,
        base={"subnetId": SIDE},
        compliant_beside=[_subnet(mapPublicIpOnLaunch=False)],
        violating_beside=[_subnet(mapPublicIpOnLaunch=True)],
        absent=Verdict.COMPLIANT,
    ),
    Case(
        efs.mount_target_private,
        base={"subnetId": SIDE},
        compliant_beside=_routes(natGatewayId="nat-1a2b3c4d"),
        violating_beside=_routes(gatewayId="igw-1a2b3c4d"),
        absent=Verdict.COMPLIANT,
    ),
    Case(
        efs.mount_target_security_groups_named,
        compliant={"securityGroups": ["sg-1"]},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        efs.policy_requires_tls,
        compliant={"policy": _denial("false")},
        violating={"policy": _denial("true")},
    ),
)

test_cases = judged(CASES)
