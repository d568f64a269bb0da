"""Dumps: a job that only adds them, a bucket that only time empties, and a job that only reads them."""

import json
import re
from typing import Any

import pytest

from components import archives
from components.access_logs import AccessLogs
from components.alarms import AlarmRoute, AlarmTopics
from components.database_job import JobPlace, job_role_arn
from components.dump_job import DumpJob, DumpJobArgs
from components.dump_store import DumpStore, DumpStoreArgs
from components.encryption import Encryption
from components.restore_job import RestoreJob, RestoreJobArgs
from preview.graph import Graph, Resource
from tests.harness import build, context, recovery_provider

TOPICS = AlarmTopics(critical="arn:critical", high="arn:high", medium="arn:medium", low="arn:low")
ELSEWHERE = AlarmTopics(critical="arn:far", high="arn:far-high", medium="arn:far", low="arn:far")
ROUTE = AlarmRoute(topics=TOPICS, runbooks_url="https://example.com/runbooks")
DUMPS = "arn:aws:s3:::syncup-test-dumps-111122223333-us-west-2"
JOBS = ("dump", "restore")
RECOVERY_ROUTE = AlarmRoute(topics=ELSEWHERE, runbooks_url="https://example.com/runbooks")


def _graph(*, compliance: bool = False) -> Graph:
    def program() -> None:
        here = context()
        keys, recovery = Encryption("encryption", here), recovery_provider()
        access_logs = AccessLogs("access-logs", here, recovery)
        store = DumpStore(
            "dumps",
            here,
            DumpStoreArgs(
                retention_days=30,
                compliance=compliance,
                key=keys.backups,
                recovery_key=keys.recovery_backups,
                access_logs=access_logs.home,
                recovery_access_logs=access_logs.recovery,
                recovery_provider=recovery,
                alarms=ROUTE,
                recovery_alarms=RECOVERY_ROUTE,
            ),
        )
        place = JobPlace(vpc_id="vpc-1", subnet_ids=["subnet-1", "subnet-2"], security_group_id="sg-jobs")
        dumping = DumpJob(
            "dump",
            here,
            DumpJobArgs(
                hour=5,
                database_address="database.internal",
                database_name="syncup",
                database_major_version="17",
                store=store.bucket,
                place=place,
                key=keys.backups,
                logs_key=keys.logs,
                access_logs=access_logs.home,
                alarms=ROUTE,
            ),
        )
        RestoreJob(
            "restore",
            here,
            RestoreJobArgs(
                source=dumping.source,
                database_address="database.internal",
                database_name="syncup",
                database_major_version="17",
                store=store.bucket,
                place=place,
                key=keys.backups,
                secrets_key=keys.secrets,
                logs_key=keys.logs,
            ),
        )

    return build(program, known=True)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return _graph()


def _alarm(graph: Graph, name: str) -> Resource:
    return graph.one("aws:cloudwatch/metricAlarm:MetricAlarm", name)


def _statements(graph: Graph, job: str) -> list[dict[str, Any]]:
    policy = graph.one("aws:iam/rolePolicy:RolePolicy", f"{job}-permissions")
    return json.loads(policy["policy"])["Statement"]


def _may(graph: Graph, job: str = "dump") -> dict[str, dict[str, Any]]:
    return {action: statement for statement in _statements(graph, job) for action in statement["Action"]}


def _reaching(graph: Graph, job: str, arn: str) -> set[str]:
    """What a job may do with the resources whose ARNs begin so."""
    return {
        action
        for statement in _statements(graph, job)
        for action in statement["Action"]
        if any(resource.startswith(arn) for resource in statement["Resource"])
    }


def _variables(graph: Graph, job: str) -> dict[str, str]:
    project = graph.one("aws:codebuild/project:Project", f"{job}-project")
    return {v["name"]: v["value"] for v in project["environment"]["environmentVariables"]}


@pytest.mark.parametrize(("name", "region"), [("dumps", "us-west-2"), ("dumps-replica", "us-east-2")])
def test_time_alone_empties_the_bucket_and_its_replica(graph: Graph, name: str, region: str) -> None:
    bucket = graph.one("aws:s3/bucket:Bucket", name)
    assert bucket["objectLockEnabled"] is True
    assert bucket["bucket"].endswith(region)
    assert ("::recovery::" in bucket.options.provider) == (region == "us-east-2")
    assert bucket.options.protect
    lock = graph.one("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", f"{name}-lock")
    assert lock["rule"]["defaultRetention"] == {"mode": "GOVERNANCE", "days": 30}
    lifecycle = graph.one(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", f"{name}-lifecycle"
    )
    assert [rule["expiration"]["days"] for rule in lifecycle["rules"] if "expiration" in rule] == [30]
    assert [
        rule["noncurrentVersionExpiration"]["noncurrentDays"]
        for rule in lifecycle["rules"]
        if "noncurrentVersionExpiration" in rule
    ] == [1]


def test_nobody_can_undo_the_lock_where_the_setting_says_so() -> None:
    for lock in _graph(compliance=True).all(
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
    ):
        assert lock["rule"]["defaultRetention"]["mode"] == "COMPLIANCE"


def test_every_dump_is_replicated_within_a_promised_time_and_deletions_are_not(graph: Graph) -> None:
    replication = graph.one("aws:s3/bucketReplicationConfig:BucketReplicationConfig")
    (rule,) = replication["rules"]
    assert rule["destination"]["bucket"] == "arn:aws:s3:::syncup-test-dumps-111122223333-us-east-2"
    assert rule["destination"]["replicationTime"]["status"] == "Enabled"
    assert rule["destination"]["encryptionConfiguration"]["replicaKmsKeyId"]
    assert rule["deleteMarkerReplication"] == {"status": "Disabled"}


def test_a_replica_that_fails_or_falls_behind_rings_where_s3_tells(graph: Graph) -> None:
    (rule,) = graph.one("aws:s3/bucketReplicationConfig:BucketReplicationConfig")["rules"]
    failed, late = _alarm(graph, "dumps-replication-failed"), _alarm(graph, "dumps-replication-late")
    for alarm in (failed, late):
        assert alarm["dimensions"] == {
            "SourceBucket": "syncup-test-dumps-111122223333-us-west-2",
            "DestinationBucket": "syncup-test-dumps-111122223333-us-east-2",
            "RuleId": rule["id"],
        }
    assert failed["alarmActions"] == ["arn:high"]
    assert (late["region"], late["alarmActions"]) == ("us-east-2", ["arn:far-high"])
    assert late["threshold"] == rule["destination"]["replicationTime"]["time"]["minutes"] * 60


def test_the_job_adds_dumps_and_can_neither_read_nor_delete_them(graph: Graph) -> None:
    assert _reaching(graph, "dump", DUMPS) == {"s3:PutObject", "s3:AbortMultipartUpload"}


def test_the_restore_reads_dumps_and_their_manifests_and_can_neither_add_nor_delete_one(graph: Graph) -> None:
    assert _reaching(graph, "restore", DUMPS) == {"s3:GetObject"}
    assert _may(graph, "restore")["kms:Decrypt"]["Resource"] == ["arn:aws:kms:us-west-2:111122223333:key/*"]
    assert not {"kms:Encrypt", "kms:GenerateDataKey*"} & set(_may(graph, "restore"))


def test_the_restore_reads_the_master_users_secret_and_no_other(graph: Graph) -> None:
    secrets = "arn:aws:secretsmanager:us-west-2:111122223333:secret"
    assert _reaching(graph, "restore", secrets) == {"secretsmanager:GetSecretValue"}
    (statement,) = (
        s for s in _statements(graph, "restore") if "secretsmanager:GetSecretValue" in s["Action"]
    )
    assert statement["Resource"] == [f"{secrets}:syncup/test/database-master-??????"]


def test_nobody_has_said_beforehand_what_is_restored_and_nothing_starts_it(graph: Graph) -> None:
    assert not [name for name in _variables(graph, "restore") if name.startswith("RESTORE_")]
    starting = [s for s in graph.all("aws:scheduler/schedule:Schedule") if "restore" in s["target"]["arn"]]
    assert starting == []


def test_both_jobs_run_what_is_in_one_archive(graph: Graph) -> None:
    dump, restore = (graph.one("aws:codebuild/project:Project", f"{job}-project") for job in JOBS)
    assert dump["source"]["location"] == restore["source"]["location"]
    for project in (dump, restore):
        assert project["source"]["buildspec"] in archives.files("dump_job")


def test_a_jobs_role_is_called_what_its_readers_expect(graph: Graph) -> None:
    role = graph.one("aws:iam/role:Role", "restore-role")
    assert job_role_arn("restore", context()) == f"arn:aws:iam::111122223333:role/{role['name']}"


@pytest.mark.parametrize("job", JOBS)
def test_every_job_is_told_what_its_program_asks_for(graph: Graph, job: str) -> None:
    text = (archives.SOURCES / "dump_job" / f"{job}.py").read_text(encoding="utf-8")
    asked = set(re.findall(r"environ(?:ment)?\[['\"](\w+)['\"]\]", text))
    assert asked
    assert asked <= set(_variables(graph, job))


def test_the_job_logs_in_as_its_own_user_and_holds_no_secret(graph: Graph) -> None:
    may = _may(graph)
    assert may["rds-db:connect"]["Resource"] == ["arn:aws:rds-db:us-west-2:111122223333:dbuser:*/dump"]
    assert not any(action.startswith("secretsmanager:") for action in may)
    assert _variables(graph, "dump") == {
        "DUMP_BUCKET": "syncup-test-dumps-111122223333-us-west-2",
        "PGHOST": "database.internal",
        "PGPORT": "5432",
        "PGDATABASE": "syncup",
        "PGUSER": "dump",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "rds-ca.pem",
        "POSTGRESQL_MAJOR": "17",
    }


@pytest.mark.parametrize("job", JOBS)
def test_a_job_runs_once_at_a_time_inside_the_vpc_with_an_end(graph: Graph, job: str) -> None:
    project = graph.one("aws:codebuild/project:Project", f"{job}-project")
    assert project["concurrentBuildLimit"] == 1
    assert project["buildTimeout"] == 240
    assert project["vpcConfig"] == {
        "vpcId": "vpc-1",
        "subnets": ["subnet-1", "subnet-2"],
        "securityGroupIds": ["sg-jobs"],
    }


def test_the_clock_may_start_this_job_and_nothing_else(graph: Graph) -> None:
    schedule = graph.one("aws:scheduler/schedule:Schedule")
    assert (schedule["scheduleExpression"], schedule["scheduleExpressionTimezone"]) == (
        "cron(0 5 * * ? *)",
        "UTC",
    )
    policy = graph.one("aws:iam/rolePolicy:RolePolicy", "dump-daily-permissions")
    (statement,) = json.loads(policy["policy"])["Statement"]
    assert statement["Action"] == ["codebuild:StartBuild"]
    assert statement["Resource"] == ["arn:aws:codebuild:us-west-2:111122223333:project/syncup-test-dump"]


def test_a_failed_dump_rings_and_so_does_a_day_without_one(graph: Graph) -> None:
    failed, missing = _alarm(graph, "dump-failed"), _alarm(graph, "dump-missing")
    assert (failed["metricName"], failed["threshold"]) == ("FailedBuilds", 0)
    assert (missing["metricName"], missing["treatMissingData"]) == ("SucceededBuilds", "breaching")
    assert missing["period"] * missing["evaluationPeriods"] == 26 * 3600
