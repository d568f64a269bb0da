"""The three services that hear of incidents: where they are, and the credentials that the environment has.

A credential never leaves the headers, or the body that PagerDuty wants its key in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from components.tool_secrets import PAGE_KEY
from infra.guide import SeverityLevel
from operate.errors import OperationError
from operate.json_api import Service, is_credential

PAGER_VARIABLE: Final = "PAGERDUTY_ROUTING_KEY"
CHAT_VARIABLE: Final = "SLACK_BOT_TOKEN"
PAGE_VARIABLE: Final = PAGE_KEY


@dataclass(frozen=True, kw_only=True, slots=True)
class Addresses:
    """Where the services are. Tests have their own."""

    pager: str = "https://events.pagerduty.com"
    chat: str = "https://slack.com/api"
    page: str = "https://api.statuspage.io/v1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Channels:
    """The three channels with the credentials that the environment has."""

    environ: Mapping[str, str]
    addresses: Addresses
    severities: Mapping[str, SeverityLevel]
    """The guide's, by level."""

    def pager(self) -> tuple[Service, str]:
        """PagerDuty, and the key that its body wants."""
        key = self._credential("PagerDuty", PAGER_VARIABLE)
        service = Service(name="PagerDuty", url=self.addresses.pager, headers={}, credential=PAGER_VARIABLE)
        return service, key

    def chat(self) -> Service:
        """Slack."""
        token = self._credential("Slack", CHAT_VARIABLE)
        headers = {"Authorization": f"Bearer {token}"}
        return Service(name="Slack", url=self.addresses.chat, headers=headers, credential=CHAT_VARIABLE)

    def page(self) -> Service:
        """StatusPage."""
        key = self._credential("StatusPage", PAGE_VARIABLE)
        headers = {"Authorization": f"OAuth {key}"}
        return Service(name="StatusPage", url=self.addresses.page, headers=headers, credential=PAGE_VARIABLE)

    def _credential(self, service: str, variable: str) -> str:
        value = self.environ.get(variable, "")
        if not value:
            raise OperationError(f"{service} needs {variable} in the environment")
        if not is_credential(value):
            raise OperationError(f"{variable} in the environment is no credential of {service}")
        return value


def channels(
    severities: Sequence[SeverityLevel], environ: Mapping[str, str], addresses: Addresses | None = None
) -> Channels:
    """The channels.

    Args:
        severities: the guide's Severity Levels.
        environ: the process's environment.
        addresses: where the services are; their own where None.
    """
    return Channels(
        environ=environ,
        addresses=addresses or Addresses(),
        severities={level.level: level for level in severities},
    )
