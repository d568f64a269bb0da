"""Whatever rings has a page that says what to do, and that speaks of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.alerts import Alert
from components.threshold import Limit
from infra.layers.monitoring import alerts
from infra.reading import ROOT, read_guide
from tests.infra.project import STACK
from tests.program.stacks import built

RUNBOOKS = ROOT / "docs" / "runbooks"
PAGES = sorted(page for page in RUNBOOKS.glob("*.md") if page.name != "README.md")
NAMED = re.compile(r'runbook(?:=|\()"([a-z-]+)"')


@pytest.mark.parametrize("alert", alerts(read_guide()), ids=lambda alert: alert.name)
def test_each_alert_of_the_guide_has_its_page(alert: Alert) -> None:
    text = (RUNBOOKS / f"{alert.slug}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {alert.name}\n")
    assert f"**Severity** {alert.severity}" in text
    assert f"syncup-<environment>-alerts-{alert.slug}" in text
    for part in ("## Escalate", "## Afterwards", "`syncup "):
        assert part in text


@pytest.mark.parametrize("component", sorted((ROOT / "components").glob("*.py")), ids=lambda path: path.stem)
def test_each_page_that_a_component_names_exists(component: Path) -> None:
    named = set(NAMED.findall(component.read_text(encoding="utf-8")))
    assert not [page for page in named if not (RUNBOOKS / f"{page}.md").is_file()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_page_has_the_same_form(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert not lines[1]
    assert lines[2], "the first sentence says what has happened"
    assert any(line.startswith("**Severity** ") for line in lines)
    assert any(line.startswith("## ") for line in lines)


@pytest.mark.parametrize("alert", alerts(read_guide()), ids=lambda alert: alert.name)
def test_the_page_of_an_alert_says_the_guides_figures(alert: Alert) -> None:
    text = (RUNBOOKS / f"{alert.slug}.md").read_text(encoding="utf-8")
    summary, _, below = text.partition("**Severity**")
    assert _figure(alert.threshold.limit) in summary
    for metrics in read_guide().metrics.groups().values():
        for entry in metrics:
            if entry.metric == alert.threshold.metric:
                assert f"**Target** below {_figure(entry.target)} " in below


def _figure(limit: Limit) -> str:
    """A figure as pages write it: `5 %`."""
    return f"{limit.number:g} {limit.unit}"


def test_each_alarm_has_a_page_that_names_it_and_its_severity() -> None:
    for alarm in built(STACK).known.all("aws:cloudwatch/metricAlarm:MetricAlarm"):
        page = re.search(r"/runbooks/([a-z-]+)\.md", alarm["alarmDescription"])
        assert page is not None, alarm["name"]
        text = (RUNBOOKS / f"{page[1]}.md").read_text(encoding="utf-8")
        (line,) = re.findall(r"^\*\*Severity\*\* .*$", text, re.MULTILINE)
        assert any(re.fullmatch(pattern, alarm["name"]) for pattern in _alarms_of(text)), alarm["name"]
        assert alarm["tags"]["Severity"] in line or "from Low to Critical" in line, alarm["name"]


def _alarms_of(page: str) -> Iterator[str]:
    """Patterns of the alarms that a page is about, in production."""
    of_function = "(-errors|-dead-letters-waiting)?" if "the function's own" in page else ""
    for name in re.findall(r"`((?:syncup-<environment>|…)-[^`]+)`", page):
        known = name.replace("<environment>", STACK)
        yield re.sub(r"…|<[a-z]+>", ".+", known) + of_function
