"""Who is held back: by the firewall at the edge, and by the application itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from operate.logs import rows_of
from operate.stack import Stack

_BLOCKED = 'filter action = "BLOCK" | stats count(*) as requests by terminatingRuleId | sort requests desc'
_ADDRESSES = (
    'filter action = "BLOCK" | stats count(*) as requests by httpRequest.clientIp, terminatingRuleId '
    "| sort requests desc | limit 10"
)
"""https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html"""
_REFUSED = "filter status = 429 | stats count(*) as requests"


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocked:
    """What one rule of the firewall has blocked, of one address or of all."""

    rule: str
    address: str
    requests: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RateLimits:
    """What was held back in a time."""

    by_rule: Sequence[Blocked]
    by_address: Sequence[Blocked]
    """The ten that were blocked most."""
    refused: int
    """Requests that the application answered with 429."""


def held_back(stack: Stack, since: timedelta) -> RateLimits:
    """What was held back lately.

    Args:
        stack: the stack.
        since: how far back.
    """
    now = stack.clock.now()
    edge = stack.client("logs", stack.outputs["global-region"])
    group = stack.outputs["firewall-log-group"]
    rules = rows_of(stack, edge, group, _BLOCKED, start=now - since, end=now)
    addresses = rows_of(stack, edge, group, _ADDRESSES, start=now - since, end=now)
    refused = rows_of(
        stack,
        stack.client("logs"),
        stack.outputs["application-log-group"],
        _REFUSED,
        start=now - since,
        end=now,
    )
    return RateLimits(
        by_rule=[_blocked(row) for row in rules],
        by_address=[_blocked(row) for row in addresses],
        refused=sum(int(row["requests"]) for row in refused),
    )


def _blocked(row: dict[str, str]) -> Blocked:
    return Blocked(
        rule=row.get("terminatingRuleId", ""),
        address=row.get("httpRequest.clientIp", ""),
        requests=int(row["requests"]),
    )
