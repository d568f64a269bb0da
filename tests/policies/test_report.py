"""What the findings come to: what blocks, what is exempted, what was there before."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from infra.mistakes import ConfigurationError
from policies.baseline import read_baseline, write_baseline
from policies.configuration import Configuration, Part
from policies.evaluate import Judgement, Verdict
from policies.exemptions import Exemption
from policies.report import Report, Standing, report
from policies.rule import Level, Severity
from tests.policies.samples import CLOSED, judgement, sample, urn

_TODAY = date(2030, 1, 1)


def _exemption(expires: date = _TODAY, name: str = "thing") -> Exemption:
    return Exemption(
        rule=CLOSED.name,
        resource=urn(name),
        reason="It has to stay open.",
        owner="somebody@example.com",
        expires=expires,
        place="exemptions.yaml:2",
    )


def _report(*judgements: Judgement, **given: Any) -> Report:
    given.setdefault("configuration", Configuration())
    return report(judgements, today=_TODAY, **given)


def test_a_mandatory_violation_blocks_and_an_advisory_one_does_not() -> None:
    assert _report(judgement()).blocks
    assert not _report(judgement(sample("thing-advisory", Level.ADVISORY))).blocks
    advisory = Configuration((Part(rules={CLOSED.name: {"level": "advisory"}}),))
    assert not _report(judgement(), configuration=advisory).blocks


def test_a_mandatory_rule_that_cannot_decide_leaves_open_and_does_not_block() -> None:
    found = _report(judgement(verdict=Verdict.UNDECIDABLE, unknown="open"))
    assert found.leaves_open
    assert not found.blocks
    assert found.findings[0].problems == ("open is not known yet",)


def test_what_complies_is_no_finding() -> None:
    found = _report(judgement(verdict=Verdict.COMPLIANT), judgement(verdict=Verdict.OUT_OF_SCOPE))
    assert found.findings == ()
    assert (found.judged, found.rules) == (2, 1)


def test_an_exemption_holds_on_its_last_day_and_is_listed() -> None:
    found = _report(judgement(), exemptions=[_exemption()])
    assert not found.blocks
    assert found.findings[0].standing is Standing.EXEMPTED
    assert [(listed.expired, listed.findings) for listed in found.exemptions] == [(False, 1)]


def test_an_expired_exemption_holds_no_longer_and_is_listed() -> None:
    found = _report(judgement(), exemptions=[_exemption(date(2029, 12, 31))])
    assert found.blocks
    assert found.exemptions[0].expired


def test_the_exemption_that_holds_longest_counts() -> None:
    exemptions = [_exemption(date(2029, 12, 31)), _exemption(), _exemption(date(2029, 1, 1))]
    assert not _report(judgement(), exemptions=exemptions).blocks


def test_strictly_no_exemption_holds_and_all_are_listed() -> None:
    found = _report(judgement(), exemptions=[_exemption()], strict=True)
    assert found.blocks
    assert len(found.exemptions) == 1


def test_an_exemption_for_nothing_is_listed_as_one() -> None:
    assert _report(exemptions=[_exemption()]).exemptions[0].findings == 0


def test_a_rule_that_failed_blocks_whatever_its_level_and_cannot_be_exempted() -> None:
    broken = judgement(sample(CLOSED.name, Level.ADVISORY), broken=True)
    assert _report(broken, exemptions=[_exemption()]).blocks


def test_a_baseline_blocks_only_what_is_new(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    assert write_baseline([judgement(), judgement(verdict=Verdict.COMPLIANT)], file) == 1
    recorded = read_baseline(file)
    old = _report(judgement(), baseline=recorded)
    assert not old.blocks
    assert old.findings[0].standing is Standing.BASELINE
    assert _report(judgement(name="another"), baseline=recorded).blocks
    more = _report(judgement(problems=("open is on", "days is below 7")), baseline=recorded)
    assert more.blocks
    assert more.findings[0].problems == ("days is below 7",)


def test_a_rule_that_failed_is_not_recorded(tmp_path: Path) -> None:
    assert write_baseline([judgement(broken=True)], tmp_path / "baseline.json") == 0


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"findings": [1]}', '{"findings": [{"rule": "x"}]}'])
def test_what_is_no_baseline_is_a_mistake(tmp_path: Path, text: str) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"baseline\.json: it is no baseline"):
        read_baseline(file)


def test_there_is_no_baseline_without_a_file(tmp_path: Path) -> None:
    assert read_baseline(tmp_path / "none.json") == frozenset()


def test_what_blocks_comes_first_and_the_worst_before_the_rest() -> None:
    rules = [
        sample("thing-low", severity=Severity.LOW),
        sample("thing-advice", Level.ADVISORY, Severity.CRITICAL),
        sample("thing-critical", severity=Severity.CRITICAL),
    ]
    undecided = judgement(sample("thing-unsure"), verdict=Verdict.UNDECIDABLE, unknown="x")
    found = _report(undecided, *(judgement(rule) for rule in rules))
    assert [f.rule.name for f in found.findings] == [
        "thing-critical",
        "thing-low",
        "thing-unsure",
        "thing-advice",
    ]
