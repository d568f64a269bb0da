"""What the pack found under an engine, from the engine's events."""

from collections.abc import Iterable

from pulumi import automation

from policies.catalogue import RULES
from policies.messages import finding_of_message
from policies.report import Report, in_order
from policies.rule import Level


def report_of(events: Iterable[automation.EngineEvent]) -> Report:
    """The findings among an engine's events. Policies of other packs are left to the engine's own report."""
    rules = {rule.name: rule for rule in RULES}
    findings = [
        finding_of_message(
            rules[event.policy_name],
            event.resource_urn or "",
            Level.MANDATORY if event.enforcement_level == Level.MANDATORY.value else Level.ADVISORY,
            event.message,
        )
        for event in (given.policy_event for given in events)
        if event is not None and event.policy_name in rules
    ]
    return Report(findings=in_order(dict.fromkeys(findings)), rules=len(RULES))
