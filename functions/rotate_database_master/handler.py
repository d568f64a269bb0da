"""Rotates the database's master password."""

from collections.abc import Mapping
from typing import Any


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Refuses: a password that is half rotated is worse than an old one.

    Raises:
        NotImplementedError: always, so that the failure shows and nothing has changed.
    """
    step, secret = event.get("Step"), event.get("SecretId")
    raise NotImplementedError(f"rotating the master password is not built yet: {step} of {secret} refused")
