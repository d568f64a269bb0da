"""What the rules of tables decide."""

from policies.evaluate import Verdict
from policies.rules import dynamodb
from tests.policies.kit import MAIN, Case, Side, arn, backup_selection, judged

_KEY = arn("kms", "key/1a2b3c4d")
_REPLICA = "aws:dynamodb/tableReplica:TableReplica"


def _target(resource: str) -> Side:
    return Side("aws:appautoscaling/target:Target", resourceId=resource)


CASES = (
    Case(
        dynamodb.table_scales,
        compliant={"billingMode": "PAY_PER_REQUEST"},
        violating={"billingMode": "PROVISIONED"},
    ),
    Case(
        dynamodb.table_scales,
        base={"name": "orders"},
        compliant_beside=[_target("table/orders")],
        violating_beside=[_target("table/others")],
    ),
    Case(dynamodb.table_scales, compliant_beside=[_target(MAIN)]),
    Case(
        dynamodb.table_point_in_time_recovery,
        compliant={"pointInTimeRecovery": {"enabled": True}},
        violating={"pointInTimeRecovery": {"enabled": False}},
    ),
    Case(
        dynamodb.replica_point_in_time_recovery,
        type=_REPLICA,
        compliant={"pointInTimeRecovery": True},
        violating={"pointInTimeRecovery": False},
    ),
    Case(
        dynamodb.replica_point_in_time_recovery,
        compliant={"replicas": [{"regionName": "us-east-2", "pointInTimeRecovery": True}]},
        violating={"replicas": [{"regionName": "us-east-2", "pointInTimeRecovery": False}]},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        dynamodb.table_recovery_period,
        base={"pointInTimeRecovery": {"enabled": True}},
        compliant={"pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 30}},
        violating={"pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 29}},
        absent=Verdict.COMPLIANT,
        settings={"minimum_backup_retention_days": 30},
    ),
    Case(
        dynamodb.table_in_backup_plan,
        compliant_beside=backup_selection([MAIN]),
        violating_beside=backup_selection(["arn:aws:dynamodb:us-west-2:111122223333:table/another"]),
    ),
    Case(
        dynamodb.table_deletion_protection,
        compliant={"deletionProtectionEnabled": True},
        violating={"deletionProtectionEnabled": False},
    ),
    Case(
        dynamodb.table_encrypted_with_own_key,
        compliant={"serverSideEncryption": {"enabled": True, "kmsKeyArn": _KEY}},
        violating={"serverSideEncryption": {"enabled": False, "kmsKeyArn": _KEY}},
    ),
    Case(
        dynamodb.table_encrypted_with_own_key,
        base={"serverSideEncryption": {"enabled": True}},
        compliant={"serverSideEncryption": {"enabled": True, "kmsKeyArn": _KEY}},
        # Of the whole block only the key differs; nothing is said of the block itself.
        unknown=None,
    ),
    Case(
        dynamodb.accelerator_encrypted_at_rest,
        compliant={"serverSideEncryption": {"enabled": True}},
        violating={"serverSideEncryption": {"enabled": False}},
    ),
    Case(
        dynamodb.accelerator_encrypted_in_transit,
        compliant={"clusterEndpointEncryptionType": "TLS"},
        violating={"clusterEndpointEncryptionType": "NONE"},
    ),
    Case(
        dynamodb.accelerator_maintenance_window,
        compliant={"maintenanceWindow": "sun:02:00-sun:04:00"},
        violating={"maintenanceWindow": "sun:01:00-sun:03:00"},
        settings={"maintenance_window": "sun:02:00-sun:04:00"},
    ),
)

test_cases = judged(CASES)
