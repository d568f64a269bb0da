"""What the rules of warehouses decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rules import redshift
from tests.policies.kit import MAIN, SIDE, Case, Side, arn, judged

_KEY = arn("kms", "key/1a2b3c4d")
_CLUSTER = "aws:redshift/cluster:Cluster"
_NAMESPACE = "aws:redshiftserverless/namespace:Namespace"
_WORKGROUP = "aws:redshiftserverless/workgroup:Workgroup"


def _group(**parameters: str) -> Side:
    return Side(
        "aws:redshift/parameterGroup:ParameterGroup",
        family="redshift-2.0",
        parameters=[{"name": name, "value": value} for name, value in parameters.items()],
    )


def _parameter(value: str) -> dict[str, Any]:
    return {"configParameters": [{"parameterKey": "require_ssl", "parameterValue": value}]}


CASES = (
    *(
        Case(
            redshift.not_public,
            type=token,
            compliant={"publiclyAccessible": False},
            violating={"publiclyAccessible": True},
            absent=Verdict.COMPLIANT,
        )
        for token in (_CLUSTER, _WORKGROUP)
    ),
    Case(
        redshift.cluster_encrypted_in_transit,
        base={"clusterParameterGroupName": SIDE},
        compliant_beside=[_group(require_ssl="true")],
        violating_beside=[_group(require_ssl="false")],
        # Without it in this stack, it is somebody else's.
        absent=None,
    ),
    Case(
        redshift.cluster_encrypted_in_transit,
        compliant={"clusterParameterGroupName": "default.redshift-2.0"},
        violating={"clusterParameterGroupName": "default.redshift-1.0"},
        absent=Verdict.COMPLIANT,
        out_of_scope=[{"clusterParameterGroupName": "somebody-elses"}],
    ),
    Case(
        redshift.workgroup_encrypted_in_transit,
        compliant=_parameter("true"),
        violating=_parameter("false"),
        absent=Verdict.COMPLIANT,
    ),
    Case(
        redshift.cluster_backup_retention,
        compliant={"automatedSnapshotRetentionPeriod": 30},
        violating={"automatedSnapshotRetentionPeriod": 29},
        settings={"minimum_backup_retention_days": 30},
    ),
    Case(
        redshift.cluster_audit_log,
        compliant_beside=[Side("aws:redshift/logging:Logging", clusterIdentifier=MAIN)],
    ),
    Case(
        redshift.namespace_exports_logs,
        compliant={"logExports": ["connectionlog", "userlog"]},
        violating={"logExports": ["useractivitylog"]},
    ),
    Case(
        redshift.cluster_upgrades,
        compliant={"allowVersionUpgrade": True},
        violating={"allowVersionUpgrade": False},
        absent=Verdict.COMPLIANT,
    ),
    *(
        Case(
            redshift.enhanced_vpc_routing,
            type=token,
            compliant={"enhancedVpcRouting": True},
            violating={"enhancedVpcRouting": False},
        )
        for token in (_CLUSTER, _WORKGROUP)
    ),
    Case(
        redshift.administrator_renamed,
        compliant={"masterUsername": "keeper"},
        violating={"masterUsername": "awsuser"},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        redshift.administrator_renamed,
        type=_NAMESPACE,
        compliant={"adminUsername": "keeper"},
        violating={"adminUsername": "admin"},
    ),
    Case(
        redshift.cluster_encrypted_at_rest,
        compliant={"encrypted": "true"},
        violating={"encrypted": "false"},
        absent=Verdict.COMPLIANT,
    ),
    *(
        Case(
            redshift.encrypted_with_own_key,
            type=token,
            compliant={"kmsKeyId": _KEY},
            unknown=Verdict.COMPLIANT,
        )
        for token in (_CLUSTER, _NAMESPACE)
    ),
    Case(redshift.cluster_multi_az, compliant={"multiAz": True}, violating={"multiAz": False}),
    Case(
        redshift.final_snapshot,
        compliant={"skipFinalSnapshot": False},
        violating={"skipFinalSnapshot": True},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        redshift.warehouse_maintenance_window,
        compliant={"preferredMaintenanceWindow": "sun:02:00-sun:04:00"},
        violating={"preferredMaintenanceWindow": "sun:02:00-sun:05:00"},
        settings={"maintenance_window": "sun:02:00-sun:04:00"},
    ),
)

test_cases = judged(CASES)
