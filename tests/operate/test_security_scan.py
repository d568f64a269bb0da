"""What scanners have found is in one form; a scanner that was not asked says so."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from operate import security_scan
from operate.errors import RemoteError
from operate.stack import Stack
from tests.operate.double import NOW, Answer, Aws, Parameters, error
from tests.operate.healthy import OUTPUTS

_ACCOUNT = OUTPUTS["account-id"]


def hub_finding(title: str, severity: str, **changes: Any) -> dict[str, Any]:
    """One of Security Hub's."""
    return {
        "SchemaVersion": "2018-10-08",
        "Id": title,
        "ProductArn": "arn:aws:securityhub:us-west-2::product/aws/securityhub",
        "GeneratorId": "generator",
        "AwsAccountId": _ACCOUNT,
        "CreatedAt": "2026-11-24T12:00:00Z",
        "UpdatedAt": "2026-11-24T12:00:00Z",
        "Severity": {"Label": severity},
        "Title": title,
        "Description": "What it says.",
        "Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::bucket"}],
        "Remediation": {"Recommendation": {"Url": "https://example.com/fix"}},
        **changes,
    }


def inspector_finding(title: str, severity: str) -> dict[str, Any]:
    """One of Inspector's."""
    return {
        "findingArn": "arn:aws:inspector2:us-west-2:444455556666:finding/1",
        "awsAccountId": _ACCOUNT,
        "type": "PACKAGE_VULNERABILITY",
        "description": "A flaw.",
        "title": title,
        "severity": severity,
        "status": "ACTIVE",
        "firstObservedAt": NOW,
        "lastObservedAt": NOW,
        "remediation": {"recommendation": {"text": "Update\nit"}},
        "resources": [{"type": "AWS_EC2_INSTANCE", "id": "i-1"}],
    }


def scanned(hub: Any = (), inspector: Any = (), *, enabled: bool = True) -> dict[str, Answer]:
    """AWS, whose scanners have found these."""

    def findings(asked: Parameters) -> Any:
        first = "NextToken" not in asked
        return {"Findings": list(hub[:1] if first else hub[1:]), **({"NextToken": "more"} if first else {})}

    state = {
        "status": "ENABLED" if enabled else "DISABLED",
        "errorCode": "ALREADY_ENABLED",
        "errorMessage": "none",
    }
    resources = dict.fromkeys(("ec2", "ecr"), state)
    return {
        "securityhub.GetFindings": findings,
        "inspector2.BatchGetAccountStatus": {
            "accounts": [{"accountId": _ACCOUNT, "resourceState": resources, "state": state}]
        },
        "inspector2.ListFindings": {"findings": list(inspector)},
    }


def test_the_hubs_findings_are_those_that_nobody_has_dealt_with(stack: Stack, aws: Aws) -> None:
    hub = [
        hub_finding("minor", "LOW"),
        hub_finding("bucket is  public\n", "CRITICAL"),
        hub_finding("passed", "HIGH", Compliance={"Status": "PASSED"}),
    ]
    aws.answers.update(scanned(hub))
    source = security_scan.security_hub(stack)
    assert [(one.severity, one.what) for one in source.findings] == [
        ("critical", "bucket is public"),
        ("low", "minor"),
    ]
    assert source.findings[0].where == "arn:aws:s3:::bucket"
    assert source.findings[0].fix == "https://example.com/fix"
    filters = aws.named("securityhub.GetFindings")[0]["Filters"]
    assert filters["ProductName"] == [{"Value": "Inspector", "Comparison": "NOT_EQUALS"}]
    assert {one["Value"] for one in filters["WorkflowStatus"]} == {"NEW", "NOTIFIED"}


def test_inspectors_findings_are_those_that_are_open(stack: Stack, aws: Aws) -> None:
    found = [inspector_finding("CVE-1", "MEDIUM"), inspector_finding("CVE-2", "UNTRIAGED")]
    aws.answers.update(scanned(inspector=found))
    source = security_scan.inspector(stack)
    assert [(one.severity, one.what, one.fix) for one in source.findings] == [
        ("medium", "CVE-1", "Update it"),
        ("low", "CVE-2", "Update it"),
    ]


def test_what_is_not_enabled_was_not_asked(stack: Stack, aws: Aws) -> None:
    aws.answers.update(scanned(enabled=False))
    aws.answers["securityhub.GetFindings"] = error("InvalidAccessException", "not subscribed")
    assert security_scan.inspector(stack).skipped == "it is not enabled in us-west-2"
    assert security_scan.security_hub(stack).skipped == "it is not enabled in us-west-2"
    assert aws.named("inspector2.ListFindings") == []


def _auditor(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """A program in pip-audit's place, first on the path."""
    program = folder / security_scan.AUDITOR
    program.write_text(f"#!/bin/sh\necho \"$@\" >> '{folder}/called'\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    file = folder / "requirements.txt"
    file.write_text("urllib3==1.0 --hash=sha256:0\n", encoding="utf-8")
    return file


def test_flaws_of_dependencies_press(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flaws: list[dict[str, Any]] = [
        {"id": "PYSEC-1", "fix_versions": ["1.1", "2.0"]},
        {"id": "PYSEC-2", "fix_versions": []},
    ]
    found = json.dumps({"dependencies": [{"name": "urllib3", "version": "1.0", "vulns": flaws}]})
    file = _auditor(tmp_path, monkeypatch, f"echo '{found}'; exit 1")
    source = security_scan.dependencies([file], tmp_path)
    assert [(one.what, one.where, one.fix) for one in source.findings] == [
        ("PYSEC-1", "requirements.txt: urllib3 1.0", "update to 1.1, 2.0"),
        ("PYSEC-2", "requirements.txt: urllib3 1.0", "there is no fixed version yet"),
    ]
    assert all(one.presses for one in source.findings)
    assert "--require-hashes --disable-pip" in (tmp_path / "called").read_text(encoding="utf-8")


def test_a_package_that_could_not_be_looked_at_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = json.dumps({"dependencies": [{"name": "six", "skip_reason": "Dependency not found"}]})
    file = _auditor(tmp_path, monkeypatch, f"echo '{found}'")
    source = security_scan.dependencies([file], tmp_path)
    assert (source.skipped, source.findings) == ("pip-audit could not look at six", [])


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'ERROR: no network' >&2; exit 1", "could not look at requirements.txt: ERROR: no network"),
        ("exit 3", "it ends with 3"),
        ("echo '[]'", "could not look at"),
    ],
)
def test_an_auditor_that_fails_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    file = _auditor(tmp_path, monkeypatch, script)
    with pytest.raises(RemoteError, match=said):
        security_scan.dependencies([file], tmp_path)


def test_without_the_auditor_nothing_is_claimed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    source = security_scan.dependencies([tmp_path / "requirements.txt"], tmp_path)
    assert "pip-audit is not installed" in source.skipped
    assert source.findings == ()
