"""`syncup policy`: what it prints, and how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.exit_codes import ExitCode
from cli.main import run
from cli.policy_status import status_of
from policies import configuration
from policies.catalogue import RULES
from policies.evaluate import Verdict
from policies.report import Finding, Report
from policies.rule import Level

_DATABASE = "urn:pulumi:test::example::aws:rds/instance:Instance::database"


def _state(folder: Path, **inputs: Any) -> str:
    database = {"urn": _DATABASE, "type": "aws:rds/instance:Instance", "id": "d", "inputs": inputs}
    file = folder / "state.json"
    file.write_text(json.dumps({"deployment": {"resources": [database]}}), encoding="utf-8")
    return str(file)


def test_deployed_state_is_judged_without_the_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = _state(tmp_path, storageEncrypted=False, password="hunter-two")  # noqa: S106 (to see it hidden)
    assert run(["policy", "check", "--state", state]) is ExitCode.POLICY
    text = capsys.readouterr().out
    assert "✗ aws.rds.Instance database" in text
    assert "storage_encrypted" in text
    assert "hunter-two" not in text


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_json_alone_goes_to_standard_output(
    tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    state = _state(tmp_path, storageEncrypted=False, password="hunter-two")  # noqa: S106 (to see it hidden)
    assert run(["policy", "check", "--state", state, "--format", form]) is ExitCode.POLICY
    text = capsys.readouterr().out
    assert json.loads(text)
    assert "hunter-two" not in text


def test_a_recorded_baseline_blocks_only_what_is_new(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline = ["--baseline", str(tmp_path / "baseline.json")]
    before = _state(tmp_path, storageEncrypted=True, publiclyAccessible=False)
    assert run(["policy", "check", "--state", before, *baseline, "--record-baseline"]) is ExitCode.FINE
    assert run(["policy", "check", "--state", before, *baseline]) is ExitCode.FINE
    assert "in the baseline" in capsys.readouterr().out
    after = _state(tmp_path, storageEncrypted=True, publiclyAccessible=True)
    assert run(["policy", "check", "--state", after, *baseline]) is ExitCode.POLICY


@pytest.mark.parametrize("arguments", [[], ["production", "--state", "x"]])
def test_it_takes_a_stack_or_a_state(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "check", *arguments]) is ExitCode.USAGE
    assert "name a stack, or give its state" in capsys.readouterr().err


def test_the_list_has_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "list"]) is ExitCode.FINE
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [rule.name for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_every_rule_explains_itself(rule: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "explain", rule.name]) is ExitCode.FINE
    text = capsys.readouterr().out
    assert all(part in text for part in (rule.title, rule.why, rule.fix, rule.link, *rule.controls))


def test_a_rule_that_there_is_not_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "explain", "rds-instance-not-publik"]) is ExitCode.USAGE
    assert "write rds-instance-not-public" in capsys.readouterr().err


def test_the_configuration_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "config", "--check"]) is ExitCode.FINE
    assert capsys.readouterr().out == ""


def test_a_stale_configuration_is_said_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.json"
    file.write_text('{"parameters": {}}', encoding="utf-8")
    monkeypatch.setattr(configuration, "FILE", file)
    assert run(["policy", "config", "--check"]) is ExitCode.FAILED
    assert "is stale: run `syncup policy config`" in capsys.readouterr().err
    assert run(["policy", "config"]) is ExitCode.FINE
    assert run(["policy", "config", "--check"]) is ExitCode.FINE


def test_a_report_ends_as_the_one_table_says() -> None:
    def ends(*verdicts: Verdict) -> ExitCode:
        return status_of(
            Report(
                findings=tuple(
                    Finding(rule=RULES[0], urn="", verdict=v, level=Level.MANDATORY, problems=())
                    for v in verdicts
                )
            )
        )

    assert ends() is ExitCode.FINE
    assert ends(Verdict.UNDECIDABLE) is ExitCode.UNDECIDABLE
    assert ends(Verdict.UNDECIDABLE, Verdict.VIOLATED) is ExitCode.POLICY


def test_rules_are_there_for_programs_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "list", "--json"]) is ExitCode.FINE
    listed = json.loads(capsys.readouterr().out)["rules"]
    assert [rule["name"] for rule in listed] == [rule.name for rule in RULES]
    assert run(["policy", "explain", RULES[0].name, "--json"]) is ExitCode.FINE
    assert json.loads(capsys.readouterr().out) == listed[0]
    assert run(["policy", "config", "--check", "--json"]) is ExitCode.FINE
    assert json.loads(capsys.readouterr().out)["changed"] is False


def test_json_needs_no_other_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = _state(tmp_path, storageEncrypted=False)
    assert run(["policy", "check", "--state", state, "--json"]) is ExitCode.POLICY
    short = capsys.readouterr().out
    assert run(["policy", "check", "--state", state, "--format", "json"]) is ExitCode.POLICY
    assert json.loads(short) == json.loads(capsys.readouterr().out)
