"""What this machine has none of. Where the truth is an empty list it is one; otherwise it is refused."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from local.endpoint import Answer
from local.wire import Call, RefusalError

_REFUSED: Final = {
    "ssm.StartSession": "no instances that one could sign in to",
}


def answers() -> dict[str, Answer]:
    """What is answered here."""
    return {
        "backup.ListRecoveryPointsByBackupVault": _no_points,
        "backup.ListRestoreJobs": _no_tests,
        **{name: _refusing(what) for name, what in _REFUSED.items()},
    }


def _no_points(_: Call) -> Mapping[str, Any]:
    """AWS Backup makes none here."""
    return {"RecoveryPoints": []}


def _no_tests(_: Call) -> Mapping[str, Any]:
    """And so tests none."""
    return {"RestoreJobs": []}


def _refusing(what: str) -> Callable[[Call], None]:
    def refuse(_: Call) -> None:
        raise RefusalError("NotImplemented", f"local has {what}")

    return refuse
