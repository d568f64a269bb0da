"""What watches the account: recorded everywhere, changed by nobody, told to somebody."""

import json
from functools import cache
from typing import Any

import pulumi
import pytest

from components.access_logs import AccessLogs
from components.account_events import ACCOUNT_EVENTS
from components.alarms import AlarmRoute, AlarmTopics
from components.audit import Audit, AuditArgs
from components.encryption import Key
from preview.graph import Graph
from tests.harness import build, context, recovery_provider

REGIONS = ("us-west-2", "us-east-2", "us-east-1")
CONTROLS = (
    "trail",
    "threat_detection",
    "security_hub",
    "access_analyzer",
    "configuration_history",
    "vulnerability_scan",
    "account_defaults",
)
EBS = "aws:ebs/encryptionByDefault:EncryptionByDefault"
FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def _route(region: str) -> AlarmRoute:
    topics = AlarmTopics(
        critical=f"{region}-critical", high=f"{region}-high", medium=f"{region}-medium", low=f"{region}-low"
    )
    return AlarmRoute(topics=topics, runbooks_url="https://runbooks.example.com")


@cache
def _graph(without: str | None = None) -> Graph:
    def program() -> None:
        logs = Key(arn=pulumi.Output.from_input("arn:logs"), alias="alias/syncup-test-logs")
        data = Key(arn=pulumi.Output.from_input("arn:data"), alias="alias/syncup-test-data")
        args = AuditArgs(
            **{control: control != without for control in CONTROLS},
            logs_key=logs,
            volume_keys={"us-west-2": data},
            access_logs=AccessLogs("access-logs", context(), recovery_provider()).home,
            log_retention_days=365,
            alarms={region: _route(region) for region in (REGIONS if without is None else REGIONS[:2])},
        )
        Audit("audit", context(), args)

    return build(program)


def _regions(type_token: str) -> set[str]:
    return {resource["region"] for resource in _graph().all(type_token)}


def _policy(name: str) -> list[dict[str, Any]]:
    document = _graph().one("aws:s3/bucketPolicy:BucketPolicy", name)["policy"]
    statements: list[dict[str, Any]] = json.loads(document)["Statement"]
    return statements


def test_the_trail_covers_every_region_and_every_object_and_can_prove_itself() -> None:
    trail = _graph().one("aws:cloudtrail/trail:Trail")
    assert trail["isMultiRegionTrail"] is True
    assert trail["enableLogFileValidation"] is True
    assert trail["kmsKeyId"] == "arn:logs"
    (selector,) = trail["eventSelectors"]
    assert selector["readWriteType"] == "All"
    assert selector["dataResources"] == [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}]
    assert trail.options.protect


def test_the_trails_files_are_locked_and_whoever_reads_them_is_recorded() -> None:
    lock = _graph().one("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")
    assert lock["rule"]["defaultRetention"] == {"mode": "GOVERNANCE", "days": 365}
    logging = {resource.name for resource in _graph().all("aws:s3/bucketLogging:BucketLogging")}
    assert {"audit-trail-bucket-logging", "audit-history-bucket-logging"} <= logging


def test_only_this_trail_writes_into_its_bucket() -> None:
    writers = [s for s in _policy("audit-trail-bucket-policy") if s["Effect"] == "Allow"]
    assert all(s["Principal"] == {"Service": ["cloudtrail.amazonaws.com"]} for s in writers)
    trail = "arn:aws:cloudtrail:us-west-2:111122223333:trail/syncup-test-trail"
    assert all(s["Condition"]["StringEquals"]["aws:SourceArn"] == trail for s in writers)


def test_config_delivers_for_this_account_alone_and_to_a_bucket_without_lock() -> None:
    writers = [s for s in _policy("audit-history-bucket-policy") if s["Effect"] == "Allow"]
    assert all(s["Condition"]["StringEquals"]["aws:SourceAccount"] == "111122223333" for s in writers)
    locks = _graph().all("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")
    assert [lock.name for lock in locks] == ["audit-trail-bucket-lock"]


@pytest.mark.parametrize("event", ACCOUNT_EVENTS, ids=lambda event: event.name)
def test_every_event_of_the_benchmark_has_a_filter_and_an_alarm_with_its_runbook(event: Any) -> None:
    pattern = _graph().one(FILTER, f"audit-trail-{event.name}")
    alarm = _graph().one(ALARM, f"audit-trail-{event.name}")
    metric = pattern["metricTransformation"]
    assert (metric["namespace"], metric["name"]) == (alarm["namespace"], alarm["metricName"])
    assert alarm["alarmActions"] == [f"us-west-2-{event.severity.lower()}"]
    assert "https://runbooks.example.com/account-activity.md" in alarm["alarmDescription"]


def test_the_benchmark_is_covered_and_cloudwatch_takes_every_pattern() -> None:
    assert {event.control for event in ACCOUNT_EVENTS} == {f"4.{number}" for number in range(1, 16)}
    assert all(len(event.pattern) <= 1024 for event in ACCOUNT_EVENTS)


def test_what_a_deployment_does_by_itself_wakes_nobody() -> None:
    names = {"iam-policy-changed", "security-group-changed", "route-changed", "bucket-policy-changed"}
    assert {e.severity.value for e in ACCOUNT_EVENTS if e.name in names} == {"Low"}


@pytest.mark.parametrize(
    "type_token",
    [
        "aws:accessanalyzer/analyzer:Analyzer",
        "aws:cfg/recorderStatus:RecorderStatus",
        "aws:ebs/encryptionByDefault:EncryptionByDefault",
        "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
        "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
        "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
        "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
        "aws:guardduty/detector:Detector",
        "aws:inspector2/enabler:Enabler",
        "aws:securityhub/account:Account",
        "aws:ssm/serviceSetting:ServiceSetting",
    ],
)
def test_every_region_that_the_environment_uses_is_watched_and_closed(type_token: str) -> None:
    assert _regions(type_token) == set(REGIONS)


def test_global_resources_are_recorded_once() -> None:
    recorders = _graph().all("aws:cfg/recorder:Recorder")
    recorded = {r["region"]: r["recordingGroup"]["includeGlobalResourceTypes"] for r in recorders}
    assert recorded == {"us-west-2": True, "us-east-2": False, "us-east-1": False}


def test_every_protection_of_guardduty_is_on_in_every_region() -> None:
    features = _graph().all("aws:guardduty/detectorFeature:DetectorFeature")
    assert {feature["status"] for feature in features} == {"ENABLED"}
    for region in REGIONS:
        assert {feature["name"] for feature in features if feature["region"] == region} == {
            "EBS_MALWARE_PROTECTION",
            "EKS_AUDIT_LOGS",
            "LAMBDA_NETWORK_LOGS",
            "RDS_LOGIN_EVENTS",
            "RUNTIME_MONITORING",
            "S3_DATA_EVENTS",
        }


@pytest.mark.parametrize(
    ("severity", "topic"), [(6.9, None), (7.0, "high"), (8.9, "high"), (9.0, "critical"), (10.0, "critical")]
)
def test_a_serious_finding_is_told_once_in_its_own_region(severity: float, topic: str | None) -> None:
    graph = _graph()
    for region in REGIONS:
        told: list[str] = []
        for target in graph.all("aws:cloudwatch/eventTarget:EventTarget"):
            rule = graph.one("aws:cloudwatch/eventRule:EventRule", target.name)
            _, least, _, below = json.loads(rule["eventPattern"])["detail"]["severity"][0]["numeric"]
            if target["region"] == rule["region"] == region and least <= severity < below:
                told.append(target["arn"])
        assert told == ([f"{region}-{topic}"] if topic else [])


def test_the_account_is_held_against_both_standards_and_findings_gather_at_home() -> None:
    standards = _graph().all("aws:securityhub/standardsSubscription:StandardsSubscription")
    at_home = {s["standardsArn"] for s in standards if s["region"] == "us-west-2"}
    assert at_home == {
        "arn:aws:securityhub:us-west-2::standards/aws-foundational-security-best-practices/v/1.0.0",
        "arn:aws:securityhub:us-west-2::standards/cis-aws-foundations-benchmark/v/3.0.0",
    }
    aggregator = _graph().one("aws:securityhub/findingAggregator:FindingAggregator")
    assert aggregator["specifiedRegions"] == ["us-east-2", "us-east-1"]


def test_buckets_can_never_be_public_in_the_whole_account() -> None:
    block = _graph().one("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock")
    assert all(
        block[name] is True
        for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    )


def test_volumes_that_name_no_key_take_the_environments() -> None:
    key = _graph().one("aws:ebs/defaultKmsKey:DefaultKmsKey")
    assert (key["region"], key["keyArn"]) == ("us-west-2", "arn:data")


@pytest.mark.parametrize(
    ("control", "type_token"),
    [
        ("trail", "aws:cloudtrail/trail:Trail"),
        ("trail", FILTER),
        ("threat_detection", "aws:guardduty/detector:Detector"),
        ("security_hub", "aws:securityhub/account:Account"),
        ("access_analyzer", "aws:accessanalyzer/analyzer:Analyzer"),
        ("configuration_history", "aws:cfg/recorder:Recorder"),
        ("vulnerability_scan", "aws:inspector2/enabler:Enabler"),
        ("account_defaults", EBS),
    ],
)
def test_what_is_the_organisations_is_not_declared_here(control: str, type_token: str) -> None:
    assert _graph().all(type_token)
    assert not _graph(without=control).all(type_token)


def test_every_policy_is_complete_before_anything_exists() -> None:
    for resource in _graph().resources:
        for key in ("policy", "assumeRolePolicy"):
            assert isinstance(resource.inputs.get(key, ""), str), resource.urn
