"""Whatever rings has a page that says what to do, and no page leads nowhere."""

import re
from pathlib import Path

import pytest

from components.alerts import Alert
from infra.layers.monitoring import alerts
from infra.reading import ROOT, read_guide

RUNBOOKS = ROOT / "docs" / "runbooks"
PAGES = sorted(RUNBOOKS.glob("*.md"))
LINK = re.compile(r"\]\((?!https://)([^)#]*)(?:#([^)]*))?\)")
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_link_leads_nowhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        linked = (page.parent / target) if target else page
        assert linked.is_file(), target
        headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
        anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert not anchor or anchor in anchors, f"{target}#{anchor}"
