"""What the rules of document databases decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rules import docdb
from tests.policies.kit import SIDE, Case, Side, arn, judged, reference

_KEY = arn("kms", "key/1a2b3c4d")
_CLUSTER = "aws:docdb/cluster:Cluster"
_ELASTIC = "aws:docdb/elasticCluster:ElasticCluster"


def _routes(**route: str) -> Side:
    return Side("aws:ec2/routeTable:RouteTable", vpcId="vpc-1", routes=[{"cidrBlock": "0.0.0.0/0", **route}])


def _parameters(value: str) -> dict[str, Any]:
    return {"parameters": [{"name": "tls", "value": value}]}


CASES = (
    *(
        Case(
            docdb.cluster_encrypted_at_rest,
            type=token,
            compliant={"storageEncrypted": True},
            violating={"storageEncrypted": False},
        )
        for token in docdb.cluster_encrypted_at_rest.types
    ),
    *(
        Case(
            docdb.cluster_encrypted_with_own_key,
            type=token,
            compliant={"kmsKeyId": _KEY},
            unknown=Verdict.COMPLIANT,
            out_of_scope=[] if token == _ELASTIC else [{"snapshotIdentifier": "snapshot"}],
        )
        for token in (_CLUSTER, _ELASTIC)
    ),
    *(
        Case(
            docdb.cluster_backup_retention,
            type=token,
            compliant={"backupRetentionPeriod": 30},
            violating={"backupRetentionPeriod": 29},
            settings={"minimum_backup_retention_days": 30},
        )
        for token in (_CLUSTER, _ELASTIC)
    ),
    Case(
        docdb.cluster_exports_audit_log,
        compliant={"enabledCloudwatchLogsExports": ["profiler", "audit"]},
        violating={"enabledCloudwatchLogsExports": ["profiler"]},
    ),
    *(
        Case(
            docdb.cluster_deletion_protection,
            type=token,
            compliant={"deletionProtection": True},
            violating={"deletionProtection": False},
        )
        for token in docdb.cluster_deletion_protection.types
    ),
    Case(
        docdb.cluster_encrypted_in_transit,
        compliant=_parameters("enabled"),
        violating=_parameters("disabled"),
        absent=Verdict.COMPLIANT,
    ),
    Case(
        docdb.snapshot_encrypted,
        base={"dbClusterIdentifier": SIDE},
        compliant_beside=[Side(_CLUSTER, storageEncrypted=True)],
        violating_beside=[Side(_CLUSTER, storageEncrypted=False)],
        # The cluster may be in another stack.
        absent=None,
    ),
    Case(
        docdb.final_snapshot,
        compliant={"skipFinalSnapshot": False},
        violating={"skipFinalSnapshot": True},
        absent=Verdict.COMPLIANT,
    ),
    *(
        Case(
            docdb.security_groups_named,
            type=token,
            compliant={"vpcSecurityGroupIds": ["sg-1"]},
            unknown=Verdict.COMPLIANT,
        )
        for token in (_CLUSTER, _ELASTIC)
    ),
    Case(
        docdb.subnet_group_private,
        base={"subnetIds": [SIDE]},
        beside=[
            Side("aws:ec2/subnet:Subnet", vpcId="vpc-1"),
            Side(
                "aws:ec2/routeTableAssociation:RouteTableAssociation",
                subnetId=SIDE,
                routeTableId=reference(3),
            ),
        ],
        compliant_beside=[_routes(natGatewayId="nat-1a2b3c4d")],
        violating_beside=[_routes(gatewayId="igw-1a2b3c4d")],
        absent=Verdict.COMPLIANT,
    ),
    *(
        Case(
            docdb.docdb_maintenance_window,
            type=token,
            compliant={"preferredMaintenanceWindow": "sun:02:00-sun:04:00"},
            violating={"preferredMaintenanceWindow": "sun:02:00-sun:05:00"},
            settings={"maintenance_window": "sun:02:00-sun:04:00"},
        )
        for token in docdb.docdb_maintenance_window.types
    ),
)

test_cases = judged(CASES)
