"""A restore is a change of the program's input: each step of it changes what it should, and nothing else."""

from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from infra.reading import stack_configuration
from operate import generations
from policies.from_graph import stack_of
from policies.pack import read_pack
from preview.graph import Graph
from tests.infra import project
from tests.program.changes import changes
from tests.program.stacks import built, graph

STACK: Final = "production"
"""Its database has a replica, which follows whichever generation is active."""
AT: Final = "2024-01-15 14:30:00"
COPIES: Final = "InstanceAutomatedBackupsReplication database-{}-backups"


def _graphs(folder: Path) -> tuple[Graph, Graph, Graph]:
    """With the generation added, made active, and with the one before removed: by the files' own lines."""
    file = project.copy(folder) / project.STACK_FILE
    wanted = generations.target(STACK, AT, folder)
    whole = generations.proposal(STACK, wanted, folder)
    switch, back = "    active: g2\n", "    active: g1\n"
    assert whole.after.count(switch) == 1

    def declared(text: str) -> Graph:
        file.write_text(text, encoding="utf-8")
        return graph(STACK, stack_configuration(STACK, folder), known=True)

    first = "      g1: { from: nothing }\n"
    assert whole.after.count(first) == 1
    alone = whole.after.replace(first, "")
    return declared(whole.after.replace(switch, back)), declared(whole.after), declared(alone)


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> tuple[Graph, Graph, Graph]:
    return _graphs(tmp_path_factory.mktemp("generations"))


def _own(instance: str) -> set[str]:
    """What belongs to one instance, whichever it is: `g2`, `g2-replica`."""
    group = f"aws-rds-instance-syncup-production-{instance}"
    return {
        f"DatabaseInstance database-{instance}",
        f"Instance database-{instance}-instance",
        f"LogMetricFilter log-metrics-slow-queries-{group}-postgresql",
        *(
            named
            for log in ("postgresql", "upgrade")
            for named in (
                f"LogGroup database-{instance}-{log}-log",
                f"LogSubscriptionFilter logs-{group}-{log}",
                f"Permission logs-forwarder-{group}-{log}",
            )
        ),
    }


def test_a_generation_is_added_beside_what_is_in_use(steps: tuple[Graph, Graph, Graph]) -> None:
    added, _, _ = steps
    made = changes(built(STACK).known, added)
    # Its backups reach the other region before it is needed.
    assert made.added == _own("g2") | {COPIES.format("g2")}
    # It is backed up from its first hour on.
    assert made.changed == {"Selection backups-databases": {"resources"}}
    assert not made.removed


def test_made_active_it_takes_the_place_of_the_one_before(steps: tuple[Graph, Graph, Graph]) -> None:
    added, active, _ = steps
    made = changes(added, active)
    # A replica holds nothing of its own.
    assert (made.added, made.removed) == (_own("g2-replica"), _own("g1-replica"))
    assert made.changed == {
        # Who is led there, and where the command looks.
        "ProxyTarget database-proxy-target": {"dbInstanceIdentifier"},
        "Parameter outputs-database-address": {"insecureValue"},
        "Parameter outputs-database-identifier": {"insecureValue"},
        "Parameter outputs-replica-identifier": {"insecureValue"},
        # Who works on it beside the proxy.
        "Function maintenance-tasks-function-function": {"environment"},
        "Function rotation-authentication-function": {"environment"},
        "Function rotation-cache-function": {"environment"},
        "Function rotation-database-function": {"environment"},
        "Function rotation-database-master-function": {"environment"},
        "Function rotation-database-setup-function": {"environment"},
        "Project dump-project": {"environment"},
        "Project restore-project": {"environment"},
        "RestoreTestingSelection recovery-test-databases": {"protectedResourceArns"},
        "RolePolicy rotation-database-master-permissions": {"policy"},
        # Who watches it.
        "Dashboard dashboard-cloudwatch": {"dashboardBody"},
        "Dashboard datadog-dashboard-dashboard": {"widgets"},
        "EventRule database-failover-rule": {"description", "eventPattern"},
        "Function database-backup-age-function": {"environment"},
        "MetricAlarm alerts-low-disk-space-database": {"metricQueries"},
        "MetricAlarm database-backup-age": {"alarmDescription", "dimensions"},
        "MetricAlarm database-failover": {"alarmDescription"},
        "MetricAlarm database-free-storage": {"alarmDescription", "dimensions"},
        "MetricAlarm database-transaction-ids": {"alarmDescription", "dimensions"},
        "Monitor monitors-low-disk-space-database": {"query"},
    }


def test_the_one_before_goes_with_what_is_its_own(steps: tuple[Graph, Graph, Graph]) -> None:
    _, active, alone = steps
    made = changes(active, alone)
    # Only the first was made from nothing, and so with a password of its own.
    assert made.removed == _own("g1") | {COPIES.format("g1"), "RandomPassword database-g1-password"}
    assert made.changed == {"Selection backups-databases": {"resources"}}
    assert not made.added


def test_no_step_is_stopped_by_a_rule(steps: tuple[Graph, Graph, Graph]) -> None:
    pack = read_pack(STACK)
    for step in steps:
        found = chain.from_iterable(pack.report(pack.judge(stack_of(step.resources))).pressing.values())
        assert [f"{f.rule.name} {f.urn.rpartition('::')[2]}: {f.problems}" for f in found] == []
