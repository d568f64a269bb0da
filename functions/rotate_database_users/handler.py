"""Rotates the application's database users, one after the other."""

from collections.abc import Mapping
from typing import Any


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Refuses: a connection that is half rotated stops the application.

    Raises:
        NotImplementedError: always, so that the failure shows and nothing has changed.
    """
    step, secret = event.get("Step"), event.get("SecretId")
    raise NotImplementedError(f"rotating the database users is not built yet: {step} of {secret} refused")
