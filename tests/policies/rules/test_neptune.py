"""What the rules of graph databases decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rules import neptune
from tests.policies.kit import MAIN, SIDE, Case, Side, arn, judged, reference

_KEY = arn("kms", "key/1a2b3c4d")
_CLUSTER = "aws:neptune/cluster:Cluster"


def _member(**given: Any) -> Side:
    return Side("aws:neptune/clusterInstance:ClusterInstance", clusterIdentifier=MAIN, **given)


def _routes(**route: str) -> Side:
    return Side("aws:ec2/routeTable:RouteTable", vpcId="vpc-1", routes=[{"cidrBlock": "0.0.0.0/0", **route}])


CASES = (
    *(
        Case(
            neptune.cluster_encrypted_at_rest,
            type=token,
            compliant={"storageEncrypted": True},
            violating={"storageEncrypted": False},
        )
        for token in neptune.cluster_encrypted_at_rest.types
    ),
    Case(
        neptune.cluster_encrypted_at_rest,
        compliant={"storageEncrypted": True},
        violating={"storageEncrypted": False},
        out_of_scope=[{"replicationSourceIdentifier": "source"}],
    ),
    Case(
        neptune.cluster_encrypted_with_own_key,
        compliant={"kmsKeyArn": _KEY},
        unknown=Verdict.COMPLIANT,
        out_of_scope=[{"snapshotIdentifier": "snapshot"}],
    ),
    Case(
        neptune.cluster_exports_audit_log,
        compliant={"enableCloudwatchLogsExports": ["slowquery", "audit"]},
        violating={"enableCloudwatchLogsExports": ["slowquery"]},
    ),
    *(
        Case(
            neptune.cluster_deletion_protection,
            type=token,
            compliant={"deletionProtection": True},
            violating={"deletionProtection": False},
        )
        for token in neptune.cluster_deletion_protection.types
    ),
    Case(
        neptune.cluster_backup_retention,
        compliant={"backupRetentionPeriod": 30},
        violating={"backupRetentionPeriod": 29},
        settings={"minimum_backup_retention_days": 30},
    ),
    Case(
        neptune.snapshot_encrypted,
        base={"dbClusterIdentifier": SIDE},
        compliant_beside=[Side(_CLUSTER, storageEncrypted=True)],
        violating_beside=[Side(_CLUSTER, storageEncrypted=False)],
        # The cluster may be in another stack.
        absent=None,
    ),
    Case(
        neptune.cluster_iam_authentication,
        compliant={"iamDatabaseAuthenticationEnabled": True},
        violating={"iamDatabaseAuthenticationEnabled": False},
    ),
    Case(
        neptune.cluster_copies_tags,
        compliant={"copyTagsToSnapshot": True},
        violating={"copyTagsToSnapshot": False},
    ),
    Case(
        neptune.cluster_multi_az,
        beside=[_member(availabilityZone="us-west-2a")],
        compliant_beside=[_member(availabilityZone="us-west-2b")],
        violating_beside=[_member(availabilityZone="us-west-2a")],
        # Where it names none, AWS puts it into another zone.
        absent=None,
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        neptune.cluster_multi_az,
        compliant_beside=[_member(), _member()],
        violating_beside=[_member()],
    ),
    Case(
        neptune.instance_not_public,
        compliant={"publiclyAccessible": False},
        violating={"publiclyAccessible": True},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        neptune.minor_version_upgrades,
        compliant={"autoMinorVersionUpgrade": True},
        violating={"autoMinorVersionUpgrade": False},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        neptune.final_snapshot,
        compliant={"skipFinalSnapshot": False},
        violating={"skipFinalSnapshot": True},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        neptune.subnet_group_private,
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
            neptune.neptune_maintenance_window,
            type=token,
            compliant={"preferredMaintenanceWindow": "sun:02:00-sun:04:00"},
            violating={"preferredMaintenanceWindow": "sun:02:00-sun:05:00"},
            settings={"maintenance_window": "sun:02:00-sun:04:00"},
        )
        for token in neptune.neptune_maintenance_window.types
    ),
)

test_cases = judged(CASES)
