"""What the rules of databases decide."""

from policies.evaluate import Verdict
from policies.rules import rds
from tests.policies.kit import SIDE, Case, Side, judged


def _group(force_ssl: str) -> Side:
    return Side(
        "aws:rds/parameterGroup:ParameterGroup",
        family="postgres17",
        parameters=[{"name": "rds.force_ssl", "value": force_ssl}],
    )


CASES = (
    Case(
        rds.instance_storage_encrypted,
        compliant={"storageEncrypted": True},
        violating={"storageEncrypted": False},
        out_of_scope=[{"replicateSourceDb": "source"}],
    ),
    Case(
        rds.instance_not_public,
        compliant={"publiclyAccessible": False},
        violating={"publiclyAccessible": True},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        rds.instance_backup_retention,
        compliant={"backupRetentionPeriod": 30},
        violating={"backupRetentionPeriod": 29},
        settings={"minimum_backup_retention_days": 30},
        out_of_scope=[{"replicateSourceDb": "source"}],
    ),
    Case(
        rds.instance_postgres_tls,
        base={"engine": "postgres", "parameterGroupName": SIDE},
        compliant_beside=[_group("1")],
        violating_beside=[_group("0")],
        absent=Verdict.COMPLIANT,
        out_of_scope=[{"engine": "mysql"}],
    ),
)

test_cases = judged(CASES)
