"""What came of asking the rules: findings with their level and standing, and whether they block."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from policies.baseline import Baseline, entries
from policies.configuration import Configuration
from policies.evaluate import Judgement, Verdict
from policies.exemptions import Exemption
from policies.rule import Level, Rule


class Standing(StrEnum):
    """Whether a finding counts."""

    OPEN = "open"
    EXEMPTED = "exempted"
    """An exemption holds for it."""
    BASELINE = "baseline"
    """It was recorded before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A violation, or a rule that cannot decide. It contains no property's value."""

    rule: Rule
    urn: str
    verdict: Verdict
    """Violated or undecidable."""
    level: Level
    problems: tuple[str, ...]
    """What is wrong, or what is unknown."""
    standing: Standing = Standing.OPEN
    exemption: Exemption | None = None
    """The exemption that is about it, also where it has expired."""

    @property
    def blocks(self) -> bool:
        """Whether it stops a change."""
        return (
            self.verdict is Verdict.VIOLATED
            and self.level is Level.MANDATORY
            and self.standing is Standing.OPEN
        )

    @property
    def leaves_open(self) -> bool:
        """Whether it is a mandatory rule that cannot decide."""
        return (
            self.verdict is Verdict.UNDECIDABLE
            and self.level is Level.MANDATORY
            and self.standing is Standing.OPEN
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """An exemption in a report."""

    exemption: Exemption
    expired: bool
    findings: int
    """How many findings it is about."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """All findings of a stack, those that block first."""

    findings: tuple[Finding, ...] = ()
    exemptions: tuple[Listed, ...] = ()
    judged: int = 0
    """How many times a rule was asked about a resource; 0 where an engine did, which does not tell."""
    rules: int = 0
    """How many rules were asked."""
    strict: bool = False
    """Whether exemptions were ignored."""

    @cached_property
    def pressing(self) -> Mapping[str, tuple[Finding, ...]]:
        """What blocks or leaves open, by the resource's URN."""
        found: dict[str, tuple[Finding, ...]] = {}
        for finding in self.findings:
            if finding.blocks or finding.leaves_open:
                found[finding.urn] = (*found.get(finding.urn, ()), finding)
        return found

    @property
    def blocks(self) -> bool:
        """Whether a mandatory rule is violated."""
        return any(finding.blocks for finding in self.findings)

    @property
    def leaves_open(self) -> bool:
        """Whether a mandatory rule cannot decide."""
        return any(finding.leaves_open for finding in self.findings)


_SEVERITIES = ("critical", "high", "medium", "low")


def finding_of(
    judgement: Judgement,
    configuration: Configuration,
    exemptions: Sequence[Exemption],
    baseline: Baseline,
    today: date,
) -> Finding | None:
    """The finding of a judgement; None where there is none.

    Args:
        judgement: what a rule said of a resource.
        configuration: the levels.
        exemptions: those that are not ignored.
        baseline: what was recorded before.
        today: the day on which exemptions have to hold.
    """
    if judgement.verdict not in (Verdict.VIOLATED, Verdict.UNDECIDABLE):
        return None
    about = [exemption for exemption in exemptions if exemption.covers(judgement.rule.name, judgement.urn)]
    exemption = max(about, key=lambda one: one.expires, default=None)
    recorded = entries(judgement)
    standing = Standing.OPEN
    if judgement.broken:
        exemption = None
    elif exemption and exemption.holds(today):
        standing = Standing.EXEMPTED
    elif recorded and recorded <= baseline:
        standing = Standing.BASELINE
    return Finding(
        rule=judgement.rule,
        urn=judgement.urn,
        verdict=judgement.verdict,
        level=Level.MANDATORY if judgement.broken else configuration.level(judgement.rule),
        problems=tuple(
            p for p in judgement.problems if (judgement.rule.name, judgement.urn, p) not in baseline
        )
        or judgement.problems
        or (f"{judgement.unknown} is not known yet",),
        standing=standing,
        exemption=exemption,
    )


def report(
    judgements: Iterable[Judgement],
    *,
    configuration: Configuration,
    exemptions: Sequence[Exemption] = (),
    baseline: Baseline = frozenset(),
    today: date,
    strict: bool = False,
) -> Report:
    """Makes a report of judgements, which `judge_stack` gives.

    Args:
        judgements: what the rules said.
        configuration: the levels.
        exemptions: the pack's.
        baseline: what was recorded before.
        today: the day on which exemptions have to hold.
        strict: whether to ignore exemptions. They are listed all the same.
    """
    asked = list(judgements)
    holding = () if strict else exemptions
    found = [finding_of(judgement, configuration, holding, baseline, today) for judgement in asked]
    findings = [finding for finding in found if finding is not None]
    about = [(f.rule.name, f.urn) for f in findings]
    return Report(
        findings=in_order(findings),
        exemptions=tuple(
            Listed(
                exemption=exemption,
                expired=not exemption.holds(today),
                findings=sum(exemption.covers(*finding) for finding in about),
            )
            for exemption in exemptions
        ),
        judged=len(asked),
        rules=len({judgement.rule.name for judgement in asked}),
        strict=strict,
    )


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings with those that block first, then what leaves open, the worst before the rest."""
    return tuple(sorted(findings, key=_order))


def _order(finding: Finding) -> tuple[bool, bool, bool, int, str, str]:
    return (
        not finding.blocks,
        not finding.leaves_open,
        finding.standing is not Standing.OPEN,
        _SEVERITIES.index(finding.rule.severity),
        finding.rule.name,
        finding.urn,
    )
