"""What the rules of FSx's file systems decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rule import Rule
from policies.rules import fsx
from tests.policies.kit import Case, arn, judged

_KEY = arn("kms", "key/1a2b3c4d")
_LUSTRE = "aws:fsx/lustreFileSystem:LustreFileSystem"
_WINDOWS = "aws:fsx/windowsFileSystem:WindowsFileSystem"


def _base(token: str) -> dict[str, Any]:
    return {"deploymentType": "PERSISTENT_2" if token == _LUSTRE else "MULTI_AZ_1"}


def _multi_az(rule: Rule, absent: Verdict | None) -> Case:
    return Case(
        rule,
        compliant={"deploymentType": "MULTI_AZ_1"},
        violating={"deploymentType": "SINGLE_AZ_1"},
        absent=absent,
    )


CASES = (
    *(
        Case(
            fsx.openzfs_copies_tags,
            base={"copyTagsToBackups": True, "copyTagsToVolumes": True},
            compliant={name: True},
            violating={name: False},
        )
        for name in ("copyTagsToBackups", "copyTagsToVolumes")
    ),
    Case(
        fsx.lustre_copies_tags,
        base={"deploymentType": "PERSISTENT_2"},
        compliant={"copyTagsToBackups": True},
        violating={"copyTagsToBackups": False},
        out_of_scope=[{"deploymentType": "SCRATCH_2"}],
    ),
    # Of these two the type requires it.
    _multi_az(fsx.openzfs_multi_az, None),
    _multi_az(fsx.ontap_multi_az, None),
    _multi_az(fsx.windows_multi_az, Verdict.VIOLATED),
    *(
        Case(
            fsx.backup_retention,
            type=token,
            base=_base(token),
            compliant={"automaticBackupRetentionDays": 30},
            violating={"automaticBackupRetentionDays": 29},
            settings={"minimum_backup_retention_days": 30},
            out_of_scope=[{"deploymentType": "SCRATCH_1"}] if token == _LUSTRE else [],
        )
        for token in fsx.backup_retention.types
    ),
    Case(
        fsx.backup_retention,
        type=_WINDOWS,
        compliant={"automaticBackupRetentionDays": 7},
        violating={"automaticBackupRetentionDays": 0},
        # AWS's own default.
        absent=Verdict.COMPLIANT,
        settings={"minimum_backup_retention_days": 7},
    ),
    *(
        Case(
            fsx.encrypted_with_own_key,
            type=token,
            base=_base(token),
            compliant={"kmsKeyId": _KEY},
            unknown=Verdict.COMPLIANT,
        )
        for token in fsx.encrypted_with_own_key.types
    ),
    *(
        Case(
            fsx.files_maintenance_window,
            type=token,
            base=_base(token),
            compliant={"weeklyMaintenanceStartTime": "7:03:30"},
            violating={"weeklyMaintenanceStartTime": "7:03:31"},
            settings={"maintenance_window": "sun:02:00-sun:04:00"},
        )
        for token in fsx.files_maintenance_window.types
    ),
)

test_cases = judged(CASES)
