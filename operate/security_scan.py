"""What scanners have found: in the dependencies, and by AWS in the account."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from operate.aws import code_of
from operate.errors import RemoteError
from operate.stack import Stack

SEVERITIES: Final = ("critical", "high", "medium", "low")
"""The worst first."""
PRESSING: Final = ("critical", "high")
AUDITOR: Final = "pip-audit"
_AUDIT_SECONDS: Final = 300
_NOT_ENABLED: Final = ("InvalidAccessException", "ResourceNotFoundException")
"""What Security Hub answers where it is not enabled."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that somebody should look at."""

    severity: str
    what: str
    where: str
    fix: str

    @property
    def presses(self) -> bool:
        """Whether it has to be looked at now."""
        return self.severity in PRESSING


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One scanner, and what it found."""

    name: str
    skipped: str
    """Why it was not asked, or not about everything; empty where it was."""
    findings: Sequence[Finding] = ()


def dependencies(files: Sequence[Path], root: Path) -> Source:
    """Known vulnerabilities of what is required, by pip-audit where it is installed.

    Args:
        files: lists of requirements with hashes.
        root: the project's folder, for the names of the files.

    Raises:
        RemoteError: pip-audit could not ask, with its last word.
    """
    name = "dependencies"
    program = shutil.which(AUDITOR)
    if program is None:
        return Source(name=name, skipped=f"{AUDITOR} is not installed: `pipx install {AUDITOR}`")
    findings: list[Finding] = []
    unseen: list[str] = []
    for file in files:
        for package in _audited(program, file, str(file.relative_to(root))):
            if "skip_reason" in package:
                unseen.append(package["name"])
            else:
                findings += _flaws(package, str(file.relative_to(root)))
    return Source(
        name=name,
        skipped=f"{AUDITOR} could not look at {', '.join(sorted(set(unseen)))}" if unseen else "",
        findings=sorted(findings, key=lambda finding: (finding.where, finding.what)),
    )


def _audited(program: str, file: Path, name: str) -> Sequence[Mapping[str, Any]]:
    """What pip-audit says of each package of a file."""
    options = ["--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run(  # noqa: S603 (a program that was found on the path)
            [program, "--requirement", str(file), *options],
            check=False,
            capture_output=True,
            text=True,
            timeout=_AUDIT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise RemoteError(f"{AUDITOR} has not come to an end with {name} in {_AUDIT_SECONDS} s") from None
    try:
        return json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        said = done.stderr.strip().splitlines()
        last = said[-1] if said else f"it ends with {done.returncode}"
        raise RemoteError(f"{AUDITOR} could not look at {name}: {last}") from None


def _flaws(package: Mapping[str, Any], file: str) -> Iterator[Finding]:
    for flaw in package.get("vulns", ()):
        versions = ", ".join(flaw.get("fix_versions", ()))
        yield Finding(
            # The database has no severities: whatever it knows is worth a look now.
            severity="high",
            what=flaw["id"],
            where=f"{file}: {package['name']} {package['version']}",
            fix=f"update to {versions}" if versions else "there is no fixed version yet",
        )


def security_hub(stack: Stack) -> Source:
    """What Security Hub has found in the account and nobody has dealt with; Inspector is asked itself."""
    name = "Security Hub"
    equals = "EQUALS"
    filters = {
        "AwsAccountId": [{"Value": stack.outputs["account-id"], "Comparison": equals}],
        "RecordState": [{"Value": "ACTIVE", "Comparison": equals}],
        "WorkflowStatus": [{"Value": value, "Comparison": equals} for value in ("NEW", "NOTIFIED")],
        "ProductName": [{"Value": "Inspector", "Comparison": "NOT_EQUALS"}],
        "SeverityLabel": [{"Value": value.upper(), "Comparison": equals} for value in SEVERITIES],
    }
    pages = stack.client("securityhub").get_paginator("get_findings").paginate(Filters=filters)
    try:
        findings = [_of_hub(found) for page in pages for found in page["Findings"] if not _passed(found)]
    except ClientError as error:
        if code_of(error) in _NOT_ENABLED:
            return Source(name=name, skipped=f"it is not enabled in {stack.outputs['region']}")
        raise
    return Source(name=name, skipped="", findings=_sorted(findings))


def _passed(found: Mapping[str, Any]) -> bool:
    return found.get("Compliance", {}).get("Status") == "PASSED"


def _of_hub(found: Mapping[str, Any]) -> Finding:
    advice = found.get("Remediation", {}).get("Recommendation", {})
    return Finding(
        severity=found["Severity"]["Label"].lower(),
        what=_line(found["Title"]),
        where=", ".join(resource["Id"] for resource in found.get("Resources", ())),
        fix=advice.get("Url") or _line(advice.get("Text", "")),
    )


def inspector(stack: Stack) -> Source:
    """What Inspector has found in instances and functions and nobody has mended."""
    name = "Inspector"
    account = stack.outputs["account-id"]
    inspector2 = stack.client("inspector2")
    states = inspector2.batch_get_account_status(accountIds=[account])["accounts"]
    if not any(state["state"]["status"] == "ENABLED" for state in states):
        return Source(name=name, skipped=f"it is not enabled in {stack.outputs['region']}")
    criteria = {
        "awsAccountId": [{"comparison": "EQUALS", "value": account}],
        "findingStatus": [{"comparison": "EQUALS", "value": "ACTIVE"}],
    }
    pages = inspector2.get_paginator("list_findings").paginate(filterCriteria=criteria)
    findings = [_of_inspector(found) for page in pages for found in page["findings"]]
    return Source(name=name, skipped="", findings=_sorted(findings))


def _of_inspector(found: Mapping[str, Any]) -> Finding:
    severity = found["severity"].lower()
    advice = found.get("remediation", {}).get("recommendation", {})
    return Finding(
        severity=severity if severity in SEVERITIES else SEVERITIES[-1],
        what=_line(found.get("title") or found["description"]),
        where=", ".join(resource["id"] for resource in found["resources"]),
        fix=_line(advice.get("text", "")) or "update the image",
    )


def _sorted(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), one.what, one.where))


def _line(text: str) -> str:
    return " ".join(text.split())
