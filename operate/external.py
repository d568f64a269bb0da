"""Whether the services that the application needs can be reached from here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from operate import http

SERVICES: Final[Mapping[str, str]] = {
    "OpenAI": "https://api.openai.com/v1/models",
    "Slack": "https://slack.com/api/api.test",
    "Google": "https://accounts.google.com/.well-known/openid-configuration",
}
"""Pages that answer without credentials, if only that there are none."""
_BROKEN: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """One service, as it answers now."""

    name: str
    reachable: bool
    """It answers, and not with an error of its own. That it wants credentials (401) is an answer."""
    status: int | None
    milliseconds: float
    says: str


def check(services: Mapping[str, str] = SERVICES) -> Iterator[Service]:
    """Asks each service once.

    Args:
        services: addresses by name.
    """
    for name, url in services.items():
        answer = http.ask("GET", url)
        fine = answer.status is not None and answer.status < _BROKEN
        yield Service(
            name=name,
            reachable=fine,
            status=answer.status,
            milliseconds=answer.milliseconds,
            says="" if fine else answer.says,
        )
