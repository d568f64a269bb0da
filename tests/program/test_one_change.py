"""One thing that is changed in a file that people write changes what it should, and nothing else."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.infra.project import GUIDE_FILE, copy, edit
from tests.program.changes import Changes, changes
from tests.program.stacks import PROJECT, built, configuration, graph

STACK: Final = "production"
SUBNETS: Final = {"routeTableIds", "subnetIds", "subnets", "vpcConfig", "vpcOptions", "vpcSubnetIds"}
"""Where whatever stands in every zone names its subnets."""


def _configured(**sections: Mapping[str, Any]) -> Changes:
    """What other values in production's file change."""
    return changes(built(STACK).known, graph(STACK, configuration(STACK, **sections), known=True))


def _guided(folder: Path, old: str, new: str) -> Changes:
    """What another line in the guide changes in production."""
    root = copy(folder)
    edit(root / GUIDE_FILE, old, new)
    return changes(built(STACK).known, graph(STACK, configuration(STACK), known=True, root=root))


def _section(stack: str, section: str) -> dict[str, Any]:
    return json.loads(configuration(stack)[f"{PROJECT}:{section}"])


def test_each_value_changes_what_it_is_the_value_of() -> None:
    """Seven at once, in one evaluation: what any of them changed beside its own would show."""
    people = _section(STACK, "on_call")["people"]
    made = _configured(
        application={"instance_types": ["m7g.xlarge", "m6g.xlarge"], "max_size": 20},
        database={"instance_class": "db.m7g.xlarge"},
        cache={"node_type": "cache.r7g.large"},
        edge={"requests_per_5_minutes": 500, "front_end": "vercel", "vercel_domain": "syncup.vercel.app"},
        on_call={"people": {**people, "L1": [*people["L1"], "PONCALL4"]}},
    )
    assert made.changed == {
        "Group application-instances-group": {"maxSize", "mixedInstancesPolicy"},
        "Instance database-g1-instance": {"instanceClass"},
        "Instance database-g1-replica-instance": {"instanceClass"},
        "ReplicationGroup cache-group": {"nodeType"},
        "WebAcl cdn-firewall-acl": {"rules"},
        "Distribution cdn-distribution": {
            "defaultCacheBehavior",
            "orderedCacheBehaviors",
            "originGroups",
            "origins",
        },
        "Schedule on-call-l1": {"layers"},
        "Schedule on-call-backup": {"layers"},
    }
    assert not made.added | made.removed


def test_protection_changes_nothing_but_protection() -> None:
    made = _configured(environment={"protect": False})
    assert made.properties == {"(options)", "deletionProtection", "enableDeletionProtection"}
    assert not made.added | made.removed


def test_another_zone_leaves_the_subnets_of_the_others_as_they_are() -> None:
    """From two zones to three, with a search domain that can stand in either."""
    search = {"search": {**_section("staging", "logs")["search"], "data_nodes": 6}}
    two, three = (
        graph("staging", configuration("staging", logs=search, network={"zones": zones}), known=True)
        for zones in (["us-west-2a", "us-west-2b"], ["us-west-2a", "us-west-2b", "us-west-2c"])
    )
    made = changes(two, three)
    assert {name for name in made.added if name.startswith("Subnet ")} == {
        f"Subnet network-{tier}-us-west-2c" for tier in ("data", "private", "public")
    }
    assert all("us-west-2c" in name for name in made.added - {"NetworkAssociation access-vpn-association-2"})
    assert not made.removed
    assert made.properties == SUBNETS | {"clusterConfig", "vpcZoneIdentifiers"}


def test_a_removed_replica_takes_only_its_own_with_it() -> None:
    made = _configured(database={"replica": False})
    assert all("replica" in name for name in made.removed)
    assert made.changed.keys() == {
        "Dashboard dashboard-cloudwatch",
        "Dashboard datadog-dashboard-dashboard",
    }
    assert not made.added


def test_an_alert_more_in_the_guide_rings_is_watched_is_muted_and_is_drawn(tmp_path: Path) -> None:
    lines = "  - name: ManySlowQueries\n    threshold: slow_queries > 50/min\n    severity: High\n\n"
    made = _guided(tmp_path, "  - name: HighLatency\n", f"{lines}  - name: HighLatency\n")
    assert made.added == {"MetricAlarm alerts-many-slow-queries", "Monitor monitors-many-slow-queries"}
    assert made.changed == {
        "AlarmMuteRule maintenance-mute": {"muteTargets"},
        "CompositeAlarm alerts-high": {"alarmRule"},
        "Dashboard dashboard-cloudwatch": {"dashboardBody"},
        "Dashboard datadog-dashboard-dashboard": {"widgets"},
        # Users see it on the status page.
        "EventRule status-page-alarms": {"eventPattern"},
        "Function status-page-function-function": {"environment"},
        "RolePolicy status-page-function-permissions": {"policy"},
    }
    assert not made.removed


def test_another_threshold_reaches_all_that_speak_of_it(tmp_path: Path) -> None:
    made = _guided(tmp_path, "error_rate > 5%", "error_rate > 4%")
    assert made.changed == {
        "Dashboard dashboard-cloudwatch": {"dashboardBody"},
        "Dashboard datadog-dashboard-dashboard": {"widgets"},
        "MetricAlarm alerts-high-error-rate": {"alarmDescription", "threshold"},
        "Monitor monitors-high-error-rate": {"message", "monitorThresholds", "query"},
    }
    assert not made.added | made.removed


def test_a_secret_more_in_a_group_is_no_change_to_the_cloud(tmp_path: Path) -> None:
    """A group is one secret with many values, which people set and the application reads."""
    line = "        - { name: OPENAI_API_KEY,"
    more = "        - { name: PAYMENT_API_KEY, secret: true, rotation: person }\n"
    nothing = Changes(added=frozenset(), removed=frozenset(), changed={})
    assert _guided(tmp_path, line, f"{more}{line}") == nothing


def test_another_window_moves_everything_that_happens_in_it_or_around_it(tmp_path: Path) -> None:
    made = _guided(
        tmp_path,
        'day: sunday, start: "02:00", end: "04:00"',
        'day: saturday, start: "05:00", end: "07:00"',
    )
    assert made.changed.keys() >= {
        "AlarmMuteRule maintenance-mute",
        "Domain search-domain",
        "DowntimeSchedule maintenance-downtime",
        "Function maintenance-tasks-function-function",
        "Function status-page-function-function",
        "Instance database-g1-instance",
        "Instance database-g1-replica-instance",
        "MaintenanceWindow maintenance-window",
        "ReplicationGroup cache-group",
        "Schedule maintenance-notice-schedule",
        "Schedule maintenance-tasks-function-schedule",
    }
    assert made.properties <= {
        "description",
        "environment",
        "maintenanceWindow",
        "message",
        "offPeakWindowOptions",
        "recurringSchedule",
        "rule",
        "rules",
        "schedule",
        "scheduleExpression",
        "target",
    }
    assert not made.added | made.removed
