"""Who is paged, when, and by which single path."""

from collections.abc import Mapping

import pytest

from components.alarms import Severity
from components.on_call import Level, OnCall, OnCallArgs, RegionalTopics, Rotation
from preview.graph import Graph
from preview.values import Secret
from tests.components.watched import topics
from tests.harness import build, context

SCHEDULE = "pagerduty:index/schedule:Schedule"
POLICY = "pagerduty:index/escalationPolicy:EscalationPolicy"
SERVICE = "pagerduty:index/service:Service"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
LEVELS = (
    Level(name="L1", role="On-call engineer", after_minutes=0, people=["PONCALL1", "PONCALL2", "PONCALL3"]),
    Level(name="L2", role="Engineering lead", after_minutes=30, people=["PLEAD01"]),
    Level(name="L3", role="Tech lead", after_minutes=60, people=["PTECH01"]),
    Level(name="L4", role="Executive", after_minutes=120, people=["PEXEC01"]),
)
PAGING = {Severity.CRITICAL: True, Severity.HIGH: True, Severity.MEDIUM: False, Severity.LOW: False}
REGIONS = {"home": "us-west-2", "recovery": "us-east-2", "global": "us-east-1"}


def _build(paging: Mapping[Severity, bool] = PAGING) -> Graph:
    args = OnCallArgs(
        levels=LEVELS,
        rotation=Rotation(time_zone="Etc/UTC", start="2026-01-05T09:00:00Z", days=7),
        paging=paging,
        topics={
            place: RegionalTopics(region=region, topics=topics(region)) for place, region in REGIONS.items()
        },
    )
    return build(lambda: OnCall("on-call", context(), args), known=True)


def test_the_guides_times_become_steps_from_level_to_level() -> None:
    graph = _build()
    rules = graph.one(POLICY)["rules"]
    assert [rule["escalationDelayInMinutes"] for rule in rules[:3]] == [30, 30, 60]
    targets = [target for rule in rules for target in rule["targets"]]
    assert len({target["id"] for target in targets}) == len(targets) == len(LEVELS)
    assert {target["type"] for target in targets} == {"schedule_reference"}
    names = [graph.one(SCHEDULE, f"on-call-{level.name.lower()}")["name"] for level in LEVELS]
    assert names == [f"SyncUp test {level.name} {level.role}" for level in LEVELS]


def test_people_take_turns_and_the_next_one_is_the_backup() -> None:
    graph = _build()
    (layer,) = graph.one(SCHEDULE, "on-call-l1")["layers"]
    assert layer["users"] == ["PONCALL1", "PONCALL2", "PONCALL3"]
    assert layer["rotationTurnLengthSeconds"] == 7 * 86400
    (backup,) = graph.one(SCHEDULE, "on-call-backup")["layers"]
    assert backup["users"] == ["PONCALL2", "PONCALL3", "PONCALL1"]
    assert backup["rotationVirtualStart"] == layer["rotationVirtualStart"]


def test_each_severity_has_its_service_and_only_paging_ones_are_urgent() -> None:
    graph = _build()
    urgency = {
        severity: graph.one(SERVICE, f"on-call-{severity.lower()}")["incidentUrgencyRule"]["urgency"]
        for severity in Severity
    }
    assert urgency == {
        Severity.CRITICAL: "high",
        Severity.HIGH: "high",
        Severity.MEDIUM: "low",
        Severity.LOW: "low",
    }


def test_an_acknowledged_incident_rings_again_when_it_is_not_resolved() -> None:
    critical = _build().one(SERVICE, "on-call-critical")
    assert critical["acknowledgementTimeout"] == "1800"
    assert critical["autoResolveTimeout"] == "null"


def test_each_paging_topic_reaches_the_pager_once_and_no_other_topic_does() -> None:
    graph = _build()
    found = sorted(subscription["topic"] for subscription in graph.all(SUBSCRIPTION))
    assert found == sorted(
        str(topics(region).topic(severity))
        for region in REGIONS.values()
        for severity in (Severity.CRITICAL, Severity.HIGH)
    )
    for subscription in graph.all(SUBSCRIPTION):
        assert subscription["protocol"] == "https"
        assert subscription["region"] == subscription["topic"].split(":")[3]


def test_whoever_could_page_is_kept_secret() -> None:
    graph = _build()
    for subscription in graph.all(SUBSCRIPTION):
        assert isinstance(subscription["endpoint"], Secret)
        assert subscription["endpoint"].value.startswith("https://events.pagerduty.com/integration/")
    assert isinstance(graph.one("datadog:pagerduty/serviceObject:ServiceObject")["serviceKey"], Secret)


@pytest.mark.parametrize("severity", [Severity.MEDIUM, Severity.LOW])
def test_whether_a_severity_pages_is_the_guides_decision(severity: Severity) -> None:
    graph = _build({**PAGING, severity: True})
    assert graph.one(SERVICE, f"on-call-{severity.lower()}")["incidentUrgencyRule"]["urgency"] == "high"
    assert topics("us-west-2").topic(severity) in {s["topic"] for s in graph.all(SUBSCRIPTION)}


def test_datadog_pages_by_a_service_of_its_own() -> None:
    graph = _build()
    assert graph.one("datadog:pagerduty/serviceObject:ServiceObject")["serviceName"] == "syncup-test-silence"
    assert graph.one(SERVICE, "on-call-silence")["incidentUrgencyRule"]["urgency"] == "high"
