"""What the rules of repositories of container images decide."""

from policies.evaluate import Verdict
from policies.rules import ecr
from tests.policies.kit import MAIN, Case, Side, judged

_KEY = "arn:aws:kms:us-west-2:111122223333:key/1"


def _registry(pattern: str, frequency: str = "CONTINUOUS_SCAN") -> Side:
    return Side(
        "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
        scanType="ENHANCED",
        rules=[
            {
                "scanFrequency": frequency,
                "repositoryFilters": [{"filter": pattern, "filterType": "WILDCARD"}],
            }
        ],
    )


def _lifecycle(repository: str) -> Side:
    return Side("aws:ecr/lifecyclePolicy:LifecyclePolicy", repository=repository)


CASES = (
    Case(
        ecr.repository_scans_images,
        compliant={"imageScanningConfiguration": {"scanOnPush": True}},
        violating={"imageScanningConfiguration": {"scanOnPush": False}},
    ),
    Case(
        ecr.repository_scans_images,
        compliant_beside=[_registry("*")],
        violating_beside=[_registry("other-*")],
    ),
    Case(
        ecr.repository_scans_images,
        compliant_beside=[_registry("*", "SCAN_ON_PUSH")],
        violating_beside=[_registry("*", "MANUAL")],
    ),
    *(
        Case(
            ecr.repository_immutable_tags,
            type=token,
            compliant={"imageTagMutability": "IMMUTABLE"},
            violating={"imageTagMutability": "MUTABLE"},
            more_compliant=[{"imageTagMutability": "IMMUTABLE_WITH_EXCLUSION"}],
        )
        for token in ecr.repository_immutable_tags.types
    ),
    Case(
        ecr.repository_lifecycle,
        compliant_beside=[_lifecycle(MAIN)],
        violating_beside=[_lifecycle("another-repository")],
    ),
    Case(
        ecr.repository_encrypted_with_own_key,
        compliant={"encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": _KEY}]},
        violating={"encryptionConfigurations": [{"encryptionType": "AES256"}]},
        more_violating=[{"encryptionConfigurations": [{"encryptionType": "KMS"}]}],
    ),
    Case(
        ecr.repository_encrypted_with_own_key,
        type="aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
        compliant={"encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": _KEY}]},
        violating={},
        unknown=Verdict.UNDECIDABLE,
    ),
)

test_cases = judged(CASES)
