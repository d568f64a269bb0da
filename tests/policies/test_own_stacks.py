"""The project's own stacks keep every rule of its own pack."""

from itertools import chain

import pytest

from policies.from_graph import stack_of
from policies.pack import read_pack
from policies.report import Report, Standing
from preview.graph import Graph
from tests.program.stacks import STACKS, built


def _report(stack: str, graph: Graph) -> Report:
    pack = read_pack(stack)
    return pack.report(pack.judge(stack_of(graph.resources)))


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_is_violated_and_nothing_mandatory_stays_undecidable(stack: str) -> None:
    found = chain.from_iterable(_report(stack, built(stack).known).pressing.values())
    assert [f"{f.rule.name} {f.urn.rpartition('::')[2]}: {f.problems}" for f in found] == []


@pytest.mark.parametrize("stack", STACKS)
def test_a_preview_under_the_engine_decides_every_rule_that_needs_the_stack(stack: str) -> None:
    """In the update it would be too late, so that the pack blocks what it cannot decide."""
    findings = _report(stack, built(stack).unknown).findings
    found = [finding for finding in findings if finding.rule.scope == "stack" and finding.leaves_open]
    assert [f"{f.rule.name} {f.urn.rpartition('::')[2]}: {f.problems}" for f in found] == []


def test_every_exemption_is_needed_and_holds() -> None:
    reports = [_report(stack, built(stack).known) for stack in STACKS]
    used = {f.exemption for r in reports for f in r.findings if f.standing is Standing.EXEMPTED}
    assert {listed.exemption for report in reports for listed in report.exemptions} == used
