"""A report as SARIF 2.1.0, which code hosts show beside the lines that declare the resources.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from policies.evaluate import Verdict
from policies.report import Finding, Report, Standing
from policies.rule import Level, Rule

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Level.MANDATORY: "error", Level.ADVISORY: "warning", Level.DISABLED: "none"}
_SCORES: Final = {"low": "3.0", "medium": "5.0", "high": "8.0", "critical": "9.5"}
"""The scores by which GitHub sorts severities."""


def render(report: Report, sources: Mapping[str, str], *, otherwise: str) -> str:
    """A report as one SARIF document, the same for the same report.

    Args:
        report: the report.
        sources: the lines that declare the resources (`components/database.py:88`), by URN.
        otherwise: the file that stands for a resource whose line is not known.
    """
    rules = sorted({finding.rule.name: finding.rule for finding in report.findings}.items())
    index = {name: position for position, (name, _) in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "syncup policy",
                "rules": [_rule(rule) for _, rule in rules],
            }
        },
        "results": [
            _result(finding, index[finding.rule.name], sources.get(finding.urn) or otherwise)
            for finding in report.findings
        ],
        "columnKind": "unicodeCodePoints",
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.fix, "markdown": f"```python\n{rule.fix}\n```"},
        "helpUri": rule.link,
        "defaultConfiguration": {
            "level": _LEVELS[rule.level],
            "enabled": rule.level is not Level.DISABLED,
        },
        "properties": {
            "tags": ["security", *rule.controls],
            "security-severity": _SCORES[rule.severity],
        },
    }


def _result(finding: Finding, rule: int, source: str) -> dict[str, Any]:
    problem = "; ".join(finding.problems)
    undecided = finding.verdict is Verdict.UNDECIDABLE
    text = f"cannot be decided: {problem}" if undecided else problem
    file, _, line = source.partition(":")
    return {
        "ruleId": finding.rule.name,
        "ruleIndex": rule,
        "level": "warning" if undecided else _LEVELS[finding.level],
        "message": {"text": f"{finding.urn.rpartition('::')[2]}: {text}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": file, "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": int(line) if line.isdigit() else 1},
                },
                "logicalLocations": [{"fullyQualifiedName": finding.urn, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"finding/v1": _fingerprint(finding)},
        "suppressions": _suppressions(finding),
    }


def _suppressions(finding: Finding) -> list[dict[str, Any]]:
    if finding.standing is Standing.EXEMPTED and finding.exemption:
        exemption = finding.exemption
        justification = f"{exemption.reason} ({exemption.owner}, until {exemption.expires})"
        return [{"kind": "external", "status": "accepted", "justification": justification}]
    if finding.standing is Standing.BASELINE:
        return [{"kind": "external", "status": "accepted", "justification": "in the baseline"}]
    return []


def _fingerprint(finding: Finding) -> str:
    """The same as long as the rule and the resource are: lines move."""
    return hashlib.sha256(f"{finding.rule.name} {finding.urn}".encode()).hexdigest()[:32]
