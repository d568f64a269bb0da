"""What the rules of keys decide."""

from policies.evaluate import Verdict
from policies.rules import kms
from tests.policies.kit import Case, judged

CASES = (
    Case(
        kms.key_rotated,
        compliant={"enableKeyRotation": True},
        violating={"enableKeyRotation": False},
        out_of_scope=[
            {"customerMasterKeySpec": "RSA_4096"},
            {"keyUsage": "SIGN_VERIFY"},
            {"customKeyStoreId": "store"},
        ],
    ),
    *(
        Case(
            kms.key_deletion_window,
            type=token,
            compliant={"deletionWindowInDays": 30},
            violating={"deletionWindowInDays": 7},
            absent=Verdict.COMPLIANT,
        )
        for token in kms.key_deletion_window.types
    ),
    *(
        Case(
            kms.key_lockout_check,
            type=token,
            compliant={"bypassPolicyLockoutSafetyCheck": False},
            violating={"bypassPolicyLockoutSafetyCheck": True},
            absent=Verdict.COMPLIANT,
        )
        for token in kms.key_lockout_check.types
    ),
    Case(
        kms.grant_no_strangers,
        compliant={"granteePrincipal": "arn:aws:iam::111122223333:role/application"},
        violating={"granteePrincipal": "arn:aws:iam::999988887777:root"},
        # The type requires it, and what this program makes is in its account.
        absent=None,
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        kms.grant_no_strangers,
        compliant={"granteePrincipal": "arn:aws:iam::444455556666:root"},
        violating={"granteePrincipal": "arn:aws:iam::999988887777:root"},
        absent=None,
        unknown=Verdict.COMPLIANT,
        settings={"trusted_accounts": ["444455556666"]},
    ),
)

test_cases = judged(CASES)
