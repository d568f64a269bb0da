"""What the rules of EKS decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rules import eks
from tests.policies.kit import Case, judged


def _vpc(**changes: Any) -> dict[str, Any]:
    return {"vpcConfig": {"subnetIds": ["subnet-12345678"], **changes}}


CASES = (
    Case(
        eks.cluster_endpoint_not_public,
        compliant=_vpc(endpointPublicAccess=False),
        violating=_vpc(endpointPublicAccess=True),
    ),
    Case(
        eks.cluster_endpoint_not_for_world,
        compliant=_vpc(publicAccessCidrs=["203.0.113.0/24"]),
        violating=_vpc(publicAccessCidrs=["203.0.113.0/24", "0.0.0.0/0"]),
        out_of_scope=[_vpc(endpointPublicAccess=False)],
    ),
    *(
        Case(
            eks.cluster_supported_version,
            type=token,
            compliant={"version": "1.34"},
            violating={"version": "1.29"},
            absent=Verdict.COMPLIANT,
        )
        for token in eks.cluster_supported_version.types
    ),
    Case(
        eks.cluster_secrets_encrypted,
        compliant={
            "encryptionConfig": {
                "provider": {"keyArn": "arn:aws:kms:us-west-2:111122223333:key/1"},
                "resources": ["secrets"],
            }
        },
        violating={
            "encryptionConfig": {
                "provider": {"keyArn": "arn:aws:kms:us-west-2:111122223333:key/1"},
                "resources": [],
            }
        },
    ),
    Case(
        eks.cluster_audit_logs,
        compliant={"enabledClusterLogTypes": ["api", "audit"]},
        violating={"enabledClusterLogTypes": ["api"]},
    ),
    Case(
        eks.nodes_ssh_from_groups,
        compliant={"remoteAccess": {"ec2SshKey": "key", "sourceSecurityGroupIds": ["sg-12345678"]}},
        violating={"remoteAccess": {"ec2SshKey": "key"}},
        absent=None,
        unknown=None,
        more_compliant=[{}, {"remoteAccess": {}}],
    ),
    Case(
        eks.nodes_ssh_from_groups,
        compliant={},
        violating={"remoteAccess": {"ec2SshKey": "key", "sourceSecurityGroupIds": []}},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        eks.cluster_deletion_protection,
        compliant={"deletionProtection": True},
        violating={"deletionProtection": False},
    ),
)

test_cases = judged(CASES)
