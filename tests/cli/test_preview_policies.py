"""A preview shows what the policies find, and ends as the worst of it says."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.exit_codes import ExitCode
from cli.main import run
from tests.preview import programs

_PROGRAM = """
    import pulumi
    import pulumi_aws as aws

    class Data(pulumi.ComponentResource):
        def __init__(self):
            super().__init__("shop:data:Data", "data", None)
            aws.sqs.Queue("orders", {arguments}, opts=pulumi.ResourceOptions(parent=self))

    Data()
"""
_ENCRYPTED = "kms_master_key_id='alias/orders'"
_PLAIN = "sqs_managed_sse_enabled=False"


def _preview(folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, *options: str) -> ExitCode:
    programs.project(folder, _PROGRAM.replace("{arguments}", arguments), "config: {aws:region: us-west-2}")
    monkeypatch.chdir(folder)
    return run(["preview", "dev", *options])


def _found(text: str) -> list[dict[str, Any]]:
    findings = json.loads(text)["policies"]["findings"]
    return [finding for finding in findings if finding["urn"].endswith("::orders")]


def test_a_mandatory_violation_ends_it_as_blocked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _preview(tmp_path, monkeypatch, _PLAIN) is ExitCode.POLICY
    text = capsys.readouterr().out
    tree, told = text.split("Policies:")[0].rsplit("✗ aws.sqs.Queue orders", 1)
    assert "✗ sqs-queue-encrypted" in tree
    assert "__main__.py:8" in told
    assert "sqs-queue-encrypted" in told


def test_what_keeps_the_rules_ends_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _preview(tmp_path, monkeypatch, _ENCRYPTED, "--format", "json") is ExitCode.FINE
    assert [f for f in _found(capsys.readouterr().out) if f["blocks"]] == []


def test_json_has_every_finding_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _preview(tmp_path, monkeypatch, _PLAIN, "--format", "json") is ExitCode.POLICY
    finding = next(f for f in _found(capsys.readouterr().out) if f["rule"] == "sqs-queue-encrypted")
    assert finding["source"] == "__main__.py:8"
    assert finding["blocks"]


def test_a_mistake_in_the_program_comes_before_what_policies_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _preview(tmp_path, monkeypatch, f"{_PLAIN}, name=1") is ExitCode.FAILED
