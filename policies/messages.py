"""A finding as the engine shows it, and back: its events carry nothing but a message."""

from typing import Final

from policies.evaluate import Verdict
from policies.report import Finding, Standing
from policies.rule import Level, Rule

_UNDECIDED: Final = "cannot be decided: "
_EXEMPTED: Final = "exempted until "
_BASELINE: Final = "in the baseline"


def message_of(finding: Finding) -> str:
    """What is wrong, and how to find out how to fix it, below the rule's title. It contains no value."""
    text = "; ".join(finding.problems)
    if finding.verdict is Verdict.UNDECIDABLE:
        text = _UNDECIDED + text
    exemption = finding.exemption
    if finding.standing is Standing.EXEMPTED and exemption:
        told = f"{_EXEMPTED}{exemption.expires} by {exemption.owner}: {exemption.reason}"
    elif finding.standing is Standing.BASELINE:
        told = _BASELINE
    elif finding.verdict is Verdict.UNDECIDABLE and finding.rule.scope == "resource":
        told = "the update decides it, before the resource is made"
    else:
        told = f"to fix it: syncup policy explain {finding.rule.name}"
    return f"{finding.rule.title}\n{text}\n{told}"


def finding_of_message(rule: Rule, urn: str, level: Level, message: str) -> Finding:
    """The finding of a message of `message_of`; whose exemption it was is only in the text."""
    _, text, told = (*message.strip().split("\n"), "", "")[:3]
    undecided = text.startswith(_UNDECIDED)
    standing = Standing.OPEN
    if told.startswith(_EXEMPTED):
        standing = Standing.EXEMPTED
    elif told == _BASELINE:
        standing = Standing.BASELINE
    return Finding(
        rule=rule,
        urn=urn,
        verdict=Verdict.UNDECIDABLE if undecided else Verdict.VIOLATED,
        level=level,
        problems=(text.removeprefix(_UNDECIDED),),
        standing=standing,
    )
