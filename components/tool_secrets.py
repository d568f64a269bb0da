"""Secrets that the environment's own tools need, beside those of the guide's application. No Pulumi here."""

from collections.abc import Mapping, Sequence
from typing import Final

STATUS_PAGE: Final = "status-page"
PAGE_KEY: Final = "STATUSPAGE_API_KEY"
VARIABLES: Final[Mapping[str, Sequence[str]]] = {STATUS_PAGE: (PAGE_KEY,)}
"""By secret, what it holds. A person has it and renews it, as a third party's key."""
