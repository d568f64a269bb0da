"""A report as JSON, for programs."""

import json
from collections.abc import Mapping
from typing import Any

from policies.report import Finding, Listed, Report


def render(report: Report, sources: Mapping[str, str]) -> str:
    """A report as one JSON document, the same for the same report.

    Args:
        report: the report.
        sources: the lines that declare the resources, by URN, where they are known.
    """
    return json.dumps(document(report, sources), indent=2, ensure_ascii=False) + "\n"


def document(report: Report, sources: Mapping[str, str]) -> dict[str, Any]:
    """A report as plain values."""
    return {
        "blocks": report.blocks,
        "undecided": report.leaves_open,
        "strict": report.strict,
        "rules": report.rules,
        "judged": report.judged,
        "findings": [_finding(finding, sources.get(finding.urn, "")) for finding in report.findings],
        "exemptions": [_exemption(listed) for listed in report.exemptions],
    }


def _finding(finding: Finding, source: str) -> dict[str, Any]:
    return {
        "rule": finding.rule.name,
        "title": finding.rule.title,
        "urn": finding.urn,
        "source": source,
        "verdict": finding.verdict.value,
        "level": finding.level.value,
        "severity": finding.rule.severity.value,
        "standing": finding.standing.value,
        "blocks": finding.blocks,
        "problems": list(finding.problems),
        "controls": list(finding.rule.controls),
        "fix": finding.rule.fix,
        "link": finding.rule.link,
    }


def _exemption(listed: Listed) -> dict[str, Any]:
    exemption = listed.exemption
    return {
        "rule": exemption.rule,
        "resource": exemption.resource,
        "reason": exemption.reason,
        "owner": exemption.owner,
        "expires": exemption.expires.isoformat(),
        "expired": listed.expired,
        "findings": listed.findings,
        "place": exemption.place,
    }
