"""Every statement of the guide about the environment has what realises it, and a test that holds it."""

from pathlib import Path

import pytest

from infra.reading import GUIDE_FILE, ROOT
from tests.docs.coverage import PAGE, PROCEDURES, Statement, statements, unsaid, untrue

ROWS = list(statements(PAGE.read_text(encoding="utf-8")))
TEST = "tests/infra/test_guide_realised.py::test_recovery_is_tested_once_a_month"
COMPONENT = "components/restore_testing.py::RestoreTesting"
SECTIONS = [
    "System Overview",
    "Production Environment",
    "Environment Variables",
    "Key Metrics",
    "Alert Thresholds",
    "Monitoring Dashboard",
    "Backup & Recovery",
    "Security Procedures",
    "Incident Response",
    "Maintenance Windows",
    "Contacts",
    PROCEDURES,
]
"""The guide's, in its order, and at the end what it has people do."""


def _row(realised: str, held: str, section: str = "Sky") -> Statement:
    return Statement(section, "The moon is up", realised, held)


def _edited(folder: Path, file: str, old: str, new: str) -> Path:
    """A project of one file, in which something has changed."""
    text = (ROOT / file).read_text(encoding="utf-8")
    assert old in text
    copy = folder / file
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def test_every_statement_is_realised_and_held() -> None:
    assert [problem for row in ROWS for problem in untrue(row)] == []


def test_every_figure_of_the_guide_is_on_the_page() -> None:
    assert list(unsaid(ROWS)) == []


def test_the_page_follows_the_guide() -> None:
    assert list(dict.fromkeys(row.section for row in ROWS)) == SECTIONS
    assert len([row for row in ROWS if row.section == "Key Metrics"]) == 12


@pytest.mark.parametrize(
    ("realised", "held", "said"),
    [
        ("in the cloud", f"`{TEST}`", "nothing realises it"),
        ("`components/cdn.py`", "somebody looks", "no test holds it"),
        ("`components/moon.py`", f"`{TEST}`", "there is no components/moon.py"),
        ("`components/cdn.py::Moon`", f"`{TEST}`", "there is no components/cdn.py::Moon"),
        ("`operations.yaml::alerts.Moon`", f"`{TEST}`", "there is no operations.yaml::alerts.Moon"),
        ("`components/cdn.py`", f"`{TEST}_or_never`", f"`make test` runs no {TEST}_or_never"),
        (
            "`components/cdn.py`",
            "`tests/infra/test_moon.py::test_it`",
            "`make test` runs no tests/infra/test_moon.py::test_it",
        ),
        # Tests on the real engine are skipped where there is none.
        (
            "`components/cdn.py`",
            "`tests/infra/test_engine.py::test_settings_are_read_as_without_an_engine`",
            "`make test` runs no tests/infra/test_engine.py::test_settings_are_read_as_without_an_engine",
        ),
    ],
)
def test_what_is_not_so_is_named(realised: str, held: str, said: str) -> None:
    assert list(untrue(_row(realised, held))) == [f"Sky: The moon is up: {said}"]


def test_only_a_procedure_may_wait() -> None:
    assert list(untrue(_row("—", "—")))
    assert not list(untrue(_row("—", "—", PROCEDURES)))
    assert list(untrue(_row("`components/cdn.py`", "—", PROCEDURES)))


def test_a_row_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="a row has 2 cells instead of 3"):
        list(statements("## Sky\n\n| The moon is up | `components/cdn.py` |\n"))


@pytest.mark.parametrize(
    "new", ["def look_at_recovery", f'@pytest.mark.skip(reason="later")\ndef {TEST.partition("::")[2]}']
)
def test_a_test_that_is_removed_or_switched_off_is_missed(tmp_path: Path, new: str) -> None:
    file, _, name = TEST.partition("::")
    row = next(row for row in ROWS if TEST in row.tests)
    problem = f"{row.section}: {row.said}: `make test` runs no {TEST}"
    assert problem not in untrue(row)
    assert problem in untrue(row, _edited(tmp_path, file, f"def {name}", new))


def test_a_class_that_is_renamed_is_missed(tmp_path: Path) -> None:
    file, _, name = COMPONENT.partition("::")
    row = next(row for row in ROWS if COMPONENT in row.references)
    root = _edited(tmp_path, file, f"class {name}(", "class MonthlyTest(")
    assert f"{row.section}: {row.said}: there is no {COMPONENT}" in untrue(row, root)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("error_rate > 5%", "error_rate > 6%", "alerts.HighErrorRate.threshold is error_rate > 6%"),
        ('target: "< 70%"', 'target: "< 75%"', "metrics.application_health.cpu.target is < 75%"),
        ("retention: 30d", "retention: 35d", "backup.retention is 35d"),
        ("after: 60min", "after: 45min", "escalation.L3.after is 45min"),
        ("notice: 48h", "notice: 24h", "maintenance.notice is 24h"),
        ("rotation: 90d", "rotation: 60d", "secrets.rotation is 60d"),
        ("watch: 30min", "watch: 15min", "deployment.watch is 15min"),
        ("dba@example.com", "dba@example.org", "contacts.database is dba@example.org"),
        ("UI issues", "Typing errors", "severities.P4.examples.0 is Typing errors"),
    ],
)
def test_a_figure_that_changes_is_missed(tmp_path: Path, old: str, new: str, said: str) -> None:
    root = _edited(tmp_path, GUIDE_FILE, old, new)
    assert list(unsaid(ROWS, root)) == [f"{GUIDE_FILE}::{said}, which no row of it says"]


@pytest.mark.parametrize(
    ("before", "new", "key"),
    [
        (
            "severities:",
            "  - { name: HighMemory, threshold: memory > 90%, severity: High }\n",
            "alerts.HighMemory.threshold",
        ),
        (
            "  database_health:",
            '    - { name: Disk, metric: disk_free, target: "> 20%" }\n',
            "metrics.application_health.disk_free.target",
        ),
        (
            "    - name: authentication",
            "        - { name: DATABASE_KEY, secret: true, rotation: person }\n",
            "secrets.groups.database.variables.DATABASE_KEY.rotation",
        ),
        ("backup:\n", "  - { level: L5, role: Owner, after: 180min }\n", "escalation.L5.role"),
        (
            "escalation:",
            "  - { level: P5, name: Trivial, pages: false, examples: [] }\n",
            "severities.P5.name",
        ),
    ],
)
def test_what_is_new_in_the_guide_needs_a_row(tmp_path: Path, before: str, new: str, key: str) -> None:
    root = _edited(tmp_path, GUIDE_FILE, before, f"{new}{before}")
    assert f"{GUIDE_FILE}::{key} is in no row" in unsaid(ROWS, root)
