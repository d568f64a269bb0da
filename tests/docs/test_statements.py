"""What single pages say agrees with the guide's data and with the components."""

import re

import pytest

from components import tool_secrets
from components.metrics import CATALOGUE
from infra.durations import duration
from infra.guide import Objective, Rotation, SmokeCheck
from infra.reading import ROOT, read_guide

DOCS = ROOT / "docs"
RUNBOOKS = DOCS / "runbooks"
CONTRACT = (DOCS / "application-contract.md").read_text(encoding="utf-8")
GUIDE = read_guide()


@pytest.mark.parametrize("check", GUIDE.deployment.smoke_checks, ids=lambda check: check.name)
def test_the_contract_names_every_smoke_check(check: SmokeCheck) -> None:
    (row,) = [line for line in CONTRACT.splitlines() if f"| `{check.request}` |" in line]
    assert f"**{check.expect}** within {check.within.number:g} ms" in row


def test_the_contract_names_every_variable_of_the_guide() -> None:
    table = [line for line in CONTRACT.splitlines() if line.startswith("| `")]
    named = set(re.findall(r"`([A-Z_]+)`", "\n".join(table)))
    for group in GUIDE.secrets.groups:
        for variable in group.variables:
            assert variable.name in named
            if variable.secret:
                assert [
                    row for row in table if f"`{variable.name}`" in row and f"secret `{group.name}`" in row
                ]


def test_the_contract_asks_for_the_metric_that_is_watched() -> None:
    (source,) = CATALOGUE["p99_query_time"].sources
    (series,) = source.cloudwatch.series
    assert f"a value of `{series.name}` in milliseconds, namespace `{series.namespace}`" in CONTRACT
    assert [f"dimension `{name}` = " in CONTRACT for name in series.dimensions] == [True]
    (query,) = source.datadog.queries.values()
    name = query.partition(":")[2].partition("{")[0]
    assert f"the distribution `{name}`" in CONTRACT


def test_the_runbook_says_where_each_key_that_a_person_renews_comes_from() -> None:
    page = (RUNBOOKS / "secret-age.md").read_text(encoding="utf-8")
    rows = "\n".join(line for line in page.splitlines() if line.startswith("| `"))
    told = set(re.findall(r"`([A-Z_]+)`", rows))
    renewed = {
        variable.name
        for group in GUIDE.secrets.groups
        for variable in group.variables
        if variable.rotation is Rotation.PERSON
    }
    tools = {variable for variables in tool_secrets.VARIABLES.values() for variable in variables}
    assert told == renewed | tools


@pytest.mark.parametrize("objective", GUIDE.backup.objectives, ids=lambda objective: str(objective.way))
def test_the_page_of_disaster_recovery_promises_what_the_guide_does(objective: Objective) -> None:
    page = (DOCS / "disaster-recovery.md").read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if f"| `{objective.way}`" in line]
    # The guide counts a day's hours where the shortest spelling of a duration counts days.
    promised = {duration(cell.strip()) for cell in row.split("|")[3:5]}
    assert promised == {objective.rpo, objective.rto}


def test_pages_call_only_the_guides_contacts() -> None:
    called: set[str] = set()
    for page in DOCS.rglob("*.md"):
        called |= set(re.findall(r"[\w.]+@[\w-]+(?:\.[\w-]+)+", page.read_text(encoding="utf-8")))
    assert called == {GUIDE.contacts.security, GUIDE.contacts.database}


def test_every_runbook_is_in_the_index() -> None:
    index = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| \[[^\]]+\]\((\S+)\) \| (.+?) \|", index, re.MULTILINE))
    pages = {page.name: page.read_text(encoding="utf-8") for page in RUNBOOKS.glob("*.md")}
    del pages["README.md"]
    assert set(rows) == set(pages)
    for name, text in pages.items():
        title = text.splitlines()[0].removeprefix("# ")
        assert f"[{title}]({name})" in index


@pytest.mark.parametrize("folder", ["", "decisions", "reference"])
def test_every_page_is_in_its_index(folder: str) -> None:
    home = DOCS / folder
    index = home / "README.md" if (home / "README.md").is_file() else DOCS / "README.md"
    text = index.read_text(encoding="utf-8")
    pages = [page for page in sorted(home.glob("*.md")) if page != index]
    assert pages
    missing = [page.name for page in pages if f"]({page.relative_to(index.parent)})" not in text]
    assert not missing, f"add a row to {index.relative_to(ROOT)}"
