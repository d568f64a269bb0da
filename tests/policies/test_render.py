"""A report for people, for programs and for code hosts: the same findings, and never a value."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

from policies import render_json, render_sarif, render_terminal
from policies.configuration import Configuration
from policies.evaluate import Verdict
from policies.exemptions import Exemption
from policies.messages import finding_of_message, message_of
from policies.report import Report, report
from policies.rule import Level
from tests.policies.samples import CLOSED, judgement, sample, urn

_SOURCES = {urn("thing"): "components/thing.py:12"}
_ADVICE = sample("thing-advice", Level.ADVISORY)
_UNSURE = sample("thing-unsure")


def _exemption(rule: str, day: date) -> Exemption:
    return Exemption(
        rule=rule,
        resource=urn("*"),
        reason="It has to stay open.",
        owner="somebody@example.com",
        expires=day,
        place="exemptions.yaml:2",
    )


def _report(*, strict: bool = False) -> Report:
    """One finding of every kind."""
    return report(
        [
            judgement(),
            judgement(_UNSURE, verdict=Verdict.UNDECIDABLE, unknown="open"),
            *(judgement(_ADVICE, name) for name in "abcdef"),
            judgement(sample("thing-excused")),
            judgement(sample("thing-known")),
        ],
        configuration=Configuration(),
        exemptions=[
            _exemption("thing-excused", date(2030, 6, 30)),
            _exemption(CLOSED.name, date(2029, 6, 30)),
            _exemption("thing-fixed", date(2030, 6, 30)),
        ],
        baseline=frozenset({("thing-known", urn("thing"), "open is on")}),
        today=date(2030, 1, 1),
        strict=strict,
    )


def _lines(found: Report) -> list[str]:
    return [line.plain for line in render_terminal.render(found, _SOURCES)]


def test_what_blocks_is_told_with_its_place_its_rule_and_its_fix() -> None:
    assert _lines(_report())[:4] == [
        "✗ aws.example.Thing thing  components/thing.py:12",
        "  open is on  thing-closed, high",
        "  the exemption of somebody@example.com expired on 2029-06-30 (exemptions.yaml:2)",
        '  aws.example.Thing("thing", open=False)',
    ]


def test_what_does_not_block_is_one_line_for_each_rule() -> None:
    lines = _lines(_report())
    assert "! thing-advice  a, b, c, d and 2 more" in lines
    assert "! thing-excused  thing (exempted)" in lines
    assert "! thing-known  thing (baseline)" in lines
    assert lines[4:6] == [
        "? aws.example.Thing thing  components/thing.py:12",
        "  open is not known yet  thing-unsure, high",
    ]


def test_every_exemption_is_listed() -> None:
    lines = [line for line in _lines(_report()) if line.startswith("exempted: ")]
    assert lines == [
        "exempted: thing-excused (until 2030-06-30, for 1)  somebody@example.com: It has to stay open.",
        "exempted: thing-closed (expired on 2029-06-30)  somebody@example.com: It has to stay open.",
        (
            "exempted: thing-fixed (until 2030-06-30, for nothing here)  "
            "somebody@example.com: It has to stay open."
        ),
    ]
    assert sum("(ignored)" in line for line in _lines(_report(strict=True))) == 3


def test_exemptions_for_one_reason_are_one_line() -> None:
    found = report(
        [judgement(sample("thing-excused"), name) for name in ("one", "two")],
        configuration=Configuration(),
        exemptions=[
            replace(_exemption("thing-excused", date(2030, 6, 30)), resource=urn(name))
            for name in ("one", "two")
        ],
        today=date(2030, 1, 1),
    )
    assert [line for line in _lines(found) if line.startswith("exempted: ")] == [
        "exempted: thing-excused (until 2030-06-30, for 2)  somebody@example.com: It has to stay open."
    ]


def test_the_sum_comes_last() -> None:
    assert _lines(_report())[-1] == (
        "Policies: 1 blocking, 1 undecided, 6 advisory, 1 exempted, 1 in the baseline "
        "(5 rules, asked 10 times)."
    )
    assert _lines(Report())[-1] == "Policies: nothing found (0 rules)."


def test_json_says_the_same() -> None:
    document = json.loads(render_json.render(_report(), _SOURCES))
    assert document["blocks"]
    assert document["undecided"]
    assert len(document["findings"]) == 10
    assert document["findings"][0]["source"] == "components/thing.py:12"
    assert [exemption["expired"] for exemption in document["exemptions"]] == [False, True, False]


def _sarif() -> dict[str, Any]:
    return json.loads(render_sarif.render(_report(), _SOURCES, otherwise="Pulumi.test.yaml"))["runs"][0]


def test_sarif_points_at_the_lines_that_declare_the_resources() -> None:
    first, *_, last = _sarif()["results"]
    place = first["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "components/thing.py"
    assert place["physicalLocation"]["region"] == {"startLine": 12}
    assert place["logicalLocations"][0]["fullyQualifiedName"] == urn("thing")
    assert last["ruleId"] == "thing-known"
    advice = next(result for result in _sarif()["results"] if result["ruleId"] == "thing-advice")
    assert advice["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "Pulumi.test.yaml"


def test_sarif_keeps_what_is_exempted_as_suppressed() -> None:
    states = {result["ruleId"]: result["suppressions"] for result in _sarif()["results"]}
    assert states["thing-closed"] == []
    assert states["thing-known"][0]["justification"] == "in the baseline"
    assert states["thing-excused"][0]["status"] == "accepted"


def test_sarif_describes_each_rule_once_and_each_finding_by_its_rule() -> None:
    run = _sarif()
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == sorted(set(rules))
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note", "none"}
    fingerprints = [tuple(result["partialFingerprints"].values()) for result in run["results"]]
    assert len(set(fingerprints)) == len(fingerprints)


def test_a_message_of_the_engine_is_read_back_as_it_was_meant() -> None:
    for finding in _report().findings:
        read = finding_of_message(finding.rule, finding.urn, finding.level, message_of(finding) + "\n")
        assert (read.verdict, read.standing, read.problems) == (
            finding.verdict,
            finding.standing,
            finding.problems,
        )


def test_a_resource_without_a_full_urn_is_named_as_it_is() -> None:
    assert render_terminal.place_of("thing") == "thing"
    assert render_terminal.place_of("urn:pulumi:t::p::pulumi:pulumi:Stack::p-t") == "pulumi.pulumi.Stack p-t"
