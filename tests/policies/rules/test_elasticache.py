"""What the rules of caches decide."""

from typing import Any

import pytest

from policies.evaluate import Verdict
from policies.rules import elasticache
from policies.rules.elasticache import allows_everything
from tests.policies.kit import SIDE, Case, Side, arn, judged, reference

_KEY = arn("kms", "key/1a2b3c4d")
_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
_CLUSTER = "aws:elasticache/cluster:Cluster"
_SERVERLESS = "aws:elasticache/serverlessCache:ServerlessCache"
_LONG = "x" * 16
"""As long as AWS wants a password to be."""
_MEMCACHED = [{"engine": "memcached"}]
_MEMBER = [{"replicationGroupId": "group"}]
_SECONDARY = [{"globalReplicationGroupId": "global"}]
_IN_ORDER = (
    Side(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        subnetId=reference(1),
        routeTableId=reference(3),
    ),
)


def _outside(token: str) -> list[dict[str, Any]]:
    return _MEMBER if token == _CLUSTER else []


def _routes(**route: str) -> Side:
    return Side("aws:ec2/routeTable:RouteTable", vpcId="vpc-1", routes=[{"cidrBlock": "0.0.0.0/0", **route}])


CASES = (
    Case(
        elasticache.group_encrypted_at_rest,
        compliant={"atRestEncryptionEnabled": True},
        violating={"atRestEncryptionEnabled": False},
        more_compliant=[{"engine": "valkey"}],
        out_of_scope=_SECONDARY,
    ),
    Case(
        elasticache.group_encrypted_at_rest,
        compliant={"engine": "valkey"},
        violating={"engine": "redis"},
    ),
    *(
        Case(
            elasticache.encrypted_with_own_key,
            type=token,
            compliant={"kmsKeyId": _KEY},
            unknown=Verdict.COMPLIANT,
        )
        for token in (_GROUP, _SERVERLESS)
    ),
    Case(
        elasticache.group_encrypted_in_transit,
        compliant={"transitEncryptionEnabled": True},
        violating={"transitEncryptionEnabled": False},
        out_of_scope=_SECONDARY,
    ),
    Case(
        elasticache.group_encrypted_in_transit,
        base={"transitEncryptionEnabled": True},
        compliant={"transitEncryptionMode": "required"},
        violating={"transitEncryptionMode": "preferred"},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        elasticache.cluster_encrypted_in_transit,
        base={"engine": "memcached"},
        compliant={"transitEncryptionEnabled": True},
        violating={"transitEncryptionEnabled": False},
        out_of_scope=[{"engine": "redis"}],
    ),
    Case(
        elasticache.cluster_in_group,
        compliant={"replicationGroupId": "group"},
        unknown=Verdict.COMPLIANT,
        out_of_scope=[{"engine": "memcached"}],
    ),
    *(
        Case(elasticache.authentication, compliant={name: value}, unknown=Verdict.COMPLIANT)
        for name, value in (("authToken", _LONG), ("authTokenWo", _LONG), ("userGroupIds", ["users"]))
    ),
    Case(
        elasticache.authentication,
        type=_SERVERLESS,
        base={"engine": "valkey"},
        compliant={"userGroupId": "users"},
        unknown=Verdict.COMPLIANT,
        out_of_scope=[{"engine": "memcached"}],
    ),
    Case(
        elasticache.user_has_password,
        compliant={"noPasswordRequired": False},
        violating={"noPasswordRequired": True},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        elasticache.user_has_password,
        compliant={"authenticationMode": {"type": "iam"}},
        violating={"authenticationMode": {"type": "no-password-required"}},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        elasticache.user_limited,
        compliant={"accessString": "on ~app:* -@all +@read"},
        violating={"accessString": "on ~* +@all"},
        # The type requires it.
        absent=None,
    ),
    *(
        Case(
            elasticache.password_not_in_program,
            type=token,
            violating=given,
            absent=Verdict.COMPLIANT,
            # What only the cloud will know is written in no program.
            unknown=Verdict.COMPLIANT,
        )
        for token, given in (
            (_GROUP, {"authToken": _LONG}),
            ("aws:elasticache/user:User", {"passwords": [_LONG]}),
        )
    ),
    Case(
        elasticache.password_not_in_program,
        compliant={"authToken": SIDE},
        violating={"authToken": _LONG},
        beside=[Side("random:index/randomPassword:RandomPassword", length=32)],
        absent=Verdict.COMPLIANT,
        unknown=Verdict.COMPLIANT,
    ),
    *(
        Case(
            elasticache.own_subnet_group,
            type=token,
            compliant={"subnetGroupName": "own"},
            violating={"subnetGroupName": "default"},
            unknown=Verdict.COMPLIANT,
            out_of_scope=_outside(token),
        )
        for token in (_GROUP, _CLUSTER)
    ),
    Case(
        elasticache.subnet_group_private,
        base={"subnetIds": [SIDE]},
        beside=[Side("aws:ec2/subnet:Subnet", vpcId="vpc-1"), *_IN_ORDER],
        compliant_beside=[_routes(natGatewayId="nat-1a2b3c4d")],
        violating_beside=[_routes(gatewayId="igw-1a2b3c4d")],
        absent=Verdict.COMPLIANT,
    ),
    *(
        Case(
            elasticache.security_groups_named,
            type=token,
            compliant={"securityGroupIds": ["sg-1"]},
            unknown=Verdict.COMPLIANT,
            out_of_scope=_outside(token),
        )
        for token in (_GROUP, _CLUSTER, _SERVERLESS)
    ),
    Case(
        elasticache.group_failover,
        compliant={"automaticFailoverEnabled": True},
        violating={"automaticFailoverEnabled": False},
    ),
    Case(
        elasticache.group_multi_az,
        compliant={"multiAzEnabled": True},
        violating={"multiAzEnabled": False},
    ),
    *(
        Case(
            elasticache.backup_retention,
            type=token,
            base={"engine": "redis"},
            compliant={"snapshotRetentionLimit": 30},
            violating={"snapshotRetentionLimit": 29},
            settings={"minimum_backup_retention_days": 30},
            out_of_scope=[*([] if token == _GROUP else _MEMCACHED), *_outside(token)],
        )
        for token in (_GROUP, _CLUSTER, _SERVERLESS)
    ),
    Case(
        elasticache.backup_retention,
        compliant={"snapshotRetentionLimit": 35},
        violating={"snapshotRetentionLimit": 34},
        # AWS keeps none longer than 35 days.
        settings={"minimum_backup_retention_days": 90},
    ),
    Case(
        elasticache.final_snapshot,
        compliant={"finalSnapshotIdentifier": "cache-final"},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        elasticache.minor_version_upgrades,
        compliant={"autoMinorVersionUpgrade": True},
        violating={"autoMinorVersionUpgrade": False},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        elasticache.minor_version_upgrades,
        type=_CLUSTER,
        compliant={"autoMinorVersionUpgrade": "true"},
        violating={"autoMinorVersionUpgrade": "false"},
        absent=Verdict.COMPLIANT,
    ),
    *(
        Case(
            elasticache.cache_maintenance_window,
            type=token,
            compliant={"maintenanceWindow": "sun:02:00-sun:04:00"},
            violating={"maintenanceWindow": "mon:02:00-mon:04:00"},
            settings={"maintenance_window": "sun:02:00-sun:04:00"},
            out_of_scope=_outside(token),
        )
        for token in (_GROUP, _CLUSTER)
    ),
    Case(
        elasticache.exports_logs,
        compliant={
            "logDeliveryConfigurations": [
                {
                    "destination": "group",
                    "destinationType": "cloudwatch-logs",
                    "logFormat": "json",
                    "logType": "slow-log",
                }
            ]
        },
        unknown=Verdict.COMPLIANT,
    ),
)

test_cases = judged(CASES)


@pytest.mark.parametrize(
    ("access", "everything"),
    [
        ("on ~* +@all", True),
        ("on allkeys allcommands", True),
        ("on ~* &* +@all -@dangerous", False),
        ("on ~* -@all +@read", False),
        ("on ~app:* +@all", False),
        ("off ~* +@all", False),
        ("on ~* +@all -@all", False),
        ("", False),
    ],
)
def test_an_access_string_allows_everything_or_less(access: str, *, everything: bool) -> None:
    assert allows_everything(access) is everything
