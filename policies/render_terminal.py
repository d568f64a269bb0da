"""A report for people: what blocks with its fix, the rest in a line for each rule, and the sum."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from rich.text import Text

from policies.evaluate import Verdict
from policies.report import Finding, Listed, Report, Standing
from policies.rule import Level

_LONGEST_FIX: Final = 140
_NAMED_RESOURCES: Final = 4


def render(report: Report, sources: Mapping[str, str]) -> Iterator[Text]:
    """The lines of a report. They contain no property's value.

    Args:
        report: the report.
        sources: the lines that declare the resources, by URN, where they are known.
    """
    pressing = [finding for finding in report.findings if finding.blocks or finding.leaves_open]
    for finding in pressing:
        yield from _in_full(finding, sources.get(finding.urn, ""))
    others = [finding for finding in report.findings if finding not in pressing]
    for (rule, _, _), found in groupby(others, key=lambda f: (f.rule.name, f.standing, f.verdict)):
        yield _in_short(rule, list(found))
    for listed in _together(report.exemptions):
        yield _exemption(listed, ignored=report.strict)
    yield _sum(report)


def _in_full(finding: Finding, source: str) -> Iterator[Text]:
    """Where, what is wrong, and how to fix it."""
    mark, style = ("✗ ", "red") if finding.blocks else ("? ", "yellow")
    place = (f"  {source}", "dim") if source else ""
    yield Text.assemble((mark, style), (place_of(finding.urn), "bold"), place)
    rule = (f"  {finding.rule.name}, {finding.rule.severity}", "dim")
    yield Text.assemble(f"  {'; '.join(finding.problems)}", rule)
    fix = " ".join(finding.rule.fix.split())
    if finding.exemption:
        expired = f"the exemption of {finding.exemption.owner} expired on {finding.exemption.expires}"
        yield Text(f"  {expired} ({finding.exemption.place})", style="yellow")
    told = fix if len(fix) <= _LONGEST_FIX else f"to fix it: syncup policy explain {finding.rule.name}"
    yield Text(f"  {told}", style="green")


def _in_short(rule: str, findings: Sequence[Finding]) -> Text:
    """What does not block: the rule, and the resources."""
    first = findings[0]
    names = [finding.urn.rpartition("::")[2] for finding in findings]
    more = len(names) - _NAMED_RESOURCES
    shown = ", ".join(names[:_NAMED_RESOURCES]) + (f" and {more} more" if more > 0 else "")
    said = f": {first.problems[0]}" if len(findings) == 1 else ""
    if first.standing is not Standing.OPEN:
        said = f" ({first.standing})"
    elif first.verdict is Verdict.UNDECIDABLE:
        said = " (cannot be decided)"
    return Text.assemble(
        ("! ", "yellow" if first.standing is Standing.OPEN else "dim"), rule, (f"  {shown}{said}", "dim")
    )


def _together(exemptions: Sequence[Listed]) -> Iterator[Listed]:
    """The exemptions, those of one rule, reason, owner and last day as one."""
    alike: dict[Hashable, list[Listed]] = {}
    for listed in exemptions:
        one = listed.exemption
        # One that covers nothing is said by itself: it can go.
        useless = one.resource if not listed.findings else ""
        alike.setdefault((one.rule, one.reason, one.owner, one.expires, useless), []).append(listed)
    for same in alike.values():
        yield replace(same[0], findings=sum(listed.findings for listed in same))


def _exemption(listed: Listed, *, ignored: bool) -> Text:
    exemption = listed.exemption
    state = f"until {exemption.expires}, for {listed.findings}"
    if ignored:
        state = "ignored"
    elif listed.expired:
        state = f"expired on {exemption.expires}"
    elif not listed.findings:
        state = f"until {exemption.expires}, for nothing here"
    text = f"exempted: {exemption.rule} ({state})  {exemption.owner}: {exemption.reason}"
    return Text(text, style="yellow" if listed.expired or not listed.findings else "dim")


def _sum(report: Report) -> Text:
    counted = Counter(_kind(finding) for finding in report.findings)
    parts = [f"{counted[kind]} {kind}" for kind in _KINDS if counted[kind]]
    asked = f"{report.rules} rules" + (f", asked {report.judged} times" if report.judged else "")
    text = f"Policies: {', '.join(parts) or 'nothing found'} ({asked})."
    if report.blocks:
        return Text(text, style="bold red")
    return Text(text, style="bold yellow" if report.leaves_open else "bold green")


_KINDS: Final = ("blocking", "undecided", "advisory", "exempted", "in the baseline")


def _kind(finding: Finding) -> str:
    if finding.standing is Standing.EXEMPTED:
        return "exempted"
    if finding.standing is Standing.BASELINE:
        return "in the baseline"
    if finding.level is not Level.MANDATORY:
        return "advisory"
    return "blocking" if finding.blocks else "undecided"


def place_of(urn: str) -> str:
    """A resource's type as in Python, and its name: `aws.rds.Instance database`."""
    parts = urn.split("::")
    if len(parts) < 4:  # noqa: PLR2004 (a URN's four parts)
        return urn
    package, path, name = (*parts[2].rpartition("$")[2].split(":"), "", "")[:3]
    service = path.partition("/")[0].replace("index", "")
    return f"{'.'.join(part for part in (package, service, name) if part)} {parts[3]}"
