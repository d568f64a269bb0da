"""Through every layer: what the guide says is what production's resources have.

`test_guide.py` holds the file against the guide's text, the tests of the components hold each component
against its arguments. Here the whole program runs, and the two are held against each other.
"""

import base64
import json
from datetime import timedelta
from typing import Any

from components.metrics import CATALOGUE
from infra.guide import Guide, Rotation, Variable
from infra.layers.monitoring import alerts
from preview.graph import Resource
from tests.infra.project import STACK
from tests.program.stacks import built

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
INSTANCE = "aws:rds/instance:Instance"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
PARAMETER = "aws:ssm/parameter:Parameter"
SCHEDULE = "pagerduty:index/schedule:Schedule"
SERVICE = "pagerduty:index/service:Service"
SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 (a type)


def _guide() -> Guide:
    return built(STACK).project.guide


def _variables() -> list[tuple[str, Variable]]:
    """The guide's environment variables, each with its group."""
    return [(group.name, variable) for group in _guide().secrets.groups for variable in group.variables]


def _primary() -> Resource:
    (primary,) = [
        found for found in built(STACK).known.all(INSTANCE) if "replicateSourceDb" not in found.inputs
    ]
    return primary


def _user_data() -> str:
    template = built(STACK).known.one("aws:ec2/launchTemplate:LaunchTemplate")
    return base64.b64decode(template["userData"]).decode()


def test_the_server_is_ec2_in_every_zone_before_any_of_which_may_fail() -> None:
    graph, settings = built(STACK).known, built(STACK).project.settings
    group = graph.one("aws:autoscaling/group:Group")
    template = group["mixedInstancesPolicy"]["launchTemplate"]
    assert [kind["instanceType"] for kind in template["overrides"]] == list(
        settings.application.instance_types
    )
    assert len(group["vpcZoneIdentifiers"]) == len(settings.network.zones) == 3
    assert group["minSize"] >= len(settings.network.zones)


def test_the_database_is_postgresql_on_rds_under_the_guides_name_and_port() -> None:
    """`DATABASE_URL=postgresql://user:pass@host:5432/syncup`."""
    primary = _primary()
    assert (primary["engine"], primary["dbName"], primary["port"]) == ("postgres", "syncup", 5432)
    assert built(STACK).known.one("aws:rds/proxy:Proxy")["engineFamily"] == "POSTGRESQL"


def test_the_cache_is_elasticache_and_speaks_redis() -> None:
    """Valkey is Redis under another name since Redis changed its licence."""
    assert built(STACK).known.one(CACHE)["engine"] in ("valkey", "redis")


def test_users_reach_the_guides_address_through_cloudfront() -> None:
    graph, domain = built(STACK).known, built(STACK).project.settings.edge.domain
    distribution = graph.one("aws:cloudfront/distribution:Distribution")
    assert distribution["aliases"] == [domain] == ["syncup.example.com"]
    records = [record for record in graph.all("aws:route53/record:Record") if record["name"] == domain]
    assert {record["type"] for record in records} == {"A", "AAAA", "HTTPS"}
    for record in records:
        assert distribution.urn in record.dependencies


def test_every_variable_that_is_no_secret_reaches_the_application_as_a_parameter() -> None:
    given = {parameter["name"]: parameter["insecureValue"] for parameter in built(STACK).known.all(PARAMETER)}
    expected = {
        variable.name: variable.value or f"https://{built(STACK).project.settings.edge.domain}"
        for _, variable in _variables()
        if not variable.secret
    }
    assert expected == {
        "DATABASE_SSL": "true",
        "NEXTAUTH_URL": "https://syncup.example.com",
        "LOG_LEVEL": "info",
    }
    for name, value in expected.items():
        assert given[f"/syncup/production/app/{name}"] == value


def test_every_secret_lies_in_secrets_manager_and_the_application_reads_it_there() -> None:
    graph, started = built(STACK).known, _user_data()
    kept = {secret["name"] for secret in graph.all(SECRET)}
    parameters = {parameter["name"].rpartition("/")[2] for parameter in graph.all(PARAMETER)}
    for group, variable in _variables():
        if variable.secret:
            assert f"syncup/production/{group}" in kept
            assert f"syncup/production/{group}" in started
            assert variable.name not in parameters
            assert f"{variable.name}=" not in started


def test_every_secret_is_renewed_in_a_quarter_by_a_machine_or_somebody_is_told() -> None:
    graph, every = built(STACK).known, _guide().secrets.rotation
    rotated = {
        rotation["secretId"].rpartition("secret:")[2][: -len("-123456")]: rotation["rotationRules"]
        for rotation in graph.all("aws:secretsmanager/secretRotation:SecretRotation")
    }
    watched = {
        alarm["dimensions"]["SecretName"]: alarm
        for alarm in graph.all(ALARM)
        if "SecretName" in alarm.inputs.get("dimensions", {})
    }
    for group, variable in _variables():
        name = f"syncup/production/{group}"
        if variable.rotation is Rotation.AUTOMATIC:
            assert timedelta(days=rotated[name]["automaticallyAfterDays"]) == every
        elif variable.rotation is Rotation.PERSON:
            assert timedelta(days=watched[name]["threshold"]) == every


def test_each_alert_has_the_guides_threshold_in_cloudwatch_and_in_datadog() -> None:
    graph = built(STACK).known
    for alert in alerts(_guide()):
        limit = alert.threshold.limit
        for source in CATALOGUE[alert.threshold.metric].sources:
            alarm = graph.one(ALARM, f"alerts-{alert.suffix(source)}")
            assert alarm["threshold"] == limit.in_unit(source.cloudwatch.unit)
            assert alarm["comparisonOperator"] == limit.comparison.cloudwatch
            assert alarm["tags"]["Severity"] == alert.severity
            monitor = graph.one("datadog:index/monitor:Monitor", f"monitors-{alert.suffix(source)}")
            assert float(monitor["monitorThresholds"]["critical"]) == limit.in_unit(source.datadog.unit)
            assert f"severity:{alert.severity.lower()}" in monitor["tags"]


def test_each_key_metric_is_drawn_with_its_target_on_both_dashboards() -> None:
    graph = built(STACK).known
    cloudwatch = json.loads(graph.one("aws:cloudwatch/dashboard:Dashboard")["dashboardBody"])
    drawn = [
        (widget["properties"]["title"], line["label"])
        for widget in cloudwatch["widgets"]
        for line in widget["properties"].get("annotations", {}).get("horizontal", ())
    ]
    datadog = graph.one("datadog:index/dashboard:Dashboard")["widgets"]
    also = [
        (widget["timeseriesDefinition"]["title"], marker["label"])
        for group in datadog
        for widget in group["groupDefinition"]["widgets"]
        for marker in widget["timeseriesDefinition"].get("markers", ())
    ]
    entries = [entry for group in _guide().metrics.groups().values() for entry in group]
    assert len(entries) == 12
    for entry in entries:
        for lines in (drawn, also):
            assert [
                label
                for title, label in lines
                if title.startswith(entry.name) and label == f"target {entry.target}"
            ], entry.name


def test_a_query_is_slow_from_the_guides_target_on_and_statements_are_counted() -> None:
    (target,) = [entry.target for entry in _guide().metrics.database_health if "query" in entry.metric]
    parameters = built(STACK).known.one("aws:rds/parameterGroup:ParameterGroup")["parameters"]
    stated = {parameter["name"]: parameter["value"] for parameter in parameters}
    assert float(stated["log_min_duration_statement"]) == target.number == 500
    assert "pg_stat_statements" in stated["shared_preload_libraries"].split(",")


def test_every_kind_of_backup_is_kept_for_the_guides_window() -> None:
    graph, kept = built(STACK).known, _guide().backup.retention
    assert timedelta(days=_primary()["backupRetentionPeriod"]) == kept
    replication = "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication"
    assert timedelta(days=graph.one(replication)["retentionPeriod"]) == kept
    for rule in graph.one("aws:backup/plan:Plan")["rules"]:
        for place in (rule, *rule["copyActions"]):
            assert timedelta(days=place["lifecycle"]["deleteAfter"]) == kept
    for name in ("dumps-lock", "dumps-replica-lock"):
        lock = graph.one("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", name)
        assert timedelta(days=lock["rule"]["defaultRetention"]["days"]) == kept
    assert timedelta(days=graph.one(CACHE)["snapshotRetentionLimit"]) >= kept


def test_backups_are_made_daily_and_hourly_of_the_database_that_is_in_use() -> None:
    graph = built(STACK).known
    names = [rule["ruleName"].partition("-")[0] for rule in graph.one("aws:backup/plan:Plan")["rules"]]
    assert set(names) == {"daily", "hourly"}
    (selected,) = graph.one("aws:backup/selection:Selection")["resources"]
    assert selected.endswith(f":db:{_primary()['identifier']}")


def test_dumps_lie_in_s3_and_everything_is_copied_to_the_other_region() -> None:
    graph, environment = built(STACK).known, built(STACK).project.settings.environment
    (rule,) = graph.one("aws:s3/bucketReplicationConfig:BucketReplicationConfig")["rules"]
    assert rule["status"] == "Enabled"
    assert rule["destination"]["bucket"].endswith(f"-{environment.recovery_region}")
    for point in graph.one("aws:backup/plan:Plan")["rules"]:
        (copy,) = point["copyActions"]
        assert copy["destinationVaultArn"].split(":")[3] == environment.recovery_region
    job = graph.one("aws:codebuild/project:Project", "dump-project")
    variables = {v["name"]: v["value"] for v in job["environment"]["environmentVariables"]}
    assert graph.one("aws:s3/bucket:Bucket", "dumps")["bucket"] == variables["DUMP_BUCKET"]


def test_recovery_is_tested_once_a_month() -> None:
    plan = built(STACK).known.one("aws:backup/restoreTestingPlan:RestoreTestingPlan")
    _, _, day, month, weekday, _ = plan["scheduleExpression"].removeprefix("cron(").rstrip(")").split()
    assert (day, month, weekday) == ("1", "*", "?")


def test_ssh_is_open_once_in_the_whole_environment_and_no_host_keeps_a_key() -> None:
    graph = built(STACK).known
    rules = graph.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    (ssh,) = [rule for rule in rules if rule["fromPort"] <= 22 <= rule["toPort"]]
    assert ssh.name == "firewall-vpn-to-bastion-22-in"
    for group in graph.all("aws:ec2/securityGroup:SecurityGroup"):
        assert not {"ingress", "egress"} & set(group.inputs)
    hosts = [*graph.all("aws:ec2/instance:Instance"), *graph.all("aws:ec2/launchTemplate:LaunchTemplate")]
    assert len(hosts) == 2
    assert not [host.name for host in hosts if "keyName" in host.inputs]


def test_each_severity_has_its_topics_and_its_service_which_wakes_as_the_guide_says() -> None:
    graph = built(STACK).known
    topics = [topic["name"] for topic in graph.all("aws:sns/topic:Topic")]
    for severity in _guide().severities:
        word = severity.name.lower()
        assert len([name for name in topics if name.endswith(f"-{word}")]) == 3
        urgency = graph.one(SERVICE, f"on-call-{word}")["incidentUrgencyRule"]["urgency"]
        assert urgency == ("high" if severity.pages else "low")


def test_each_level_is_called_at_the_guides_time_and_by_its_role() -> None:
    graph, guide = built(STACK).known, _guide()
    rules = graph.one("pagerduty:index/escalationPolicy:EscalationPolicy")["rules"]
    called: list[int] = [0]
    for rule in rules[:-1]:
        called.append(called[-1] + rule["escalationDelayInMinutes"])
    assert tuple(called) == guide.escalation_minutes == (0, 30, 60, 120)
    for level, rule in zip(guide.escalation, rules, strict=True):
        (target,) = rule["targets"]
        schedule = graph.one(SCHEDULE, f"on-call-{level.level.lower()}")
        assert schedule["name"] == f"SyncUp production {level.level} {level.role}"
        assert schedule.id == target["id"]


def test_everything_that_can_follows_the_guides_window() -> None:
    graph, window = built(STACK).known, _guide().maintenance.weekly
    weekly = [resource["maintenanceWindow"] for resource in (*graph.all(INSTANCE), graph.one(CACHE))]
    assert set(weekly) == {window.rds()}
    patches = graph.one("aws:ssm/maintenanceWindow:MaintenanceWindow")
    assert patches["schedule"] == window.ssm().expression
    assert timedelta(hours=patches["duration"]) <= _guide().maintenance.max_duration
    mute = graph.one("aws:cloudwatch/alarmMuteRule:AlarmMuteRule")["rule"]["schedule"]
    assert mute["expression"] == window.mute_schedule().expression
    recurring = graph.one("datadog:index/downtimeSchedule:DowntimeSchedule")["recurringSchedule"]
    assert recurring["recurrences"][0]["rrule"] == window.recurrence().rrule
    tasks = graph.one("aws:scheduler/schedule:Schedule", "maintenance-tasks-function-schedule")
    assert tasks["scheduleExpression"] == window.during(timedelta(minutes=15)).expression


def test_the_team_is_told_in_slack_at_the_guides_time_before_the_window() -> None:
    graph, maintenance = built(STACK).known, _guide().maintenance
    notice = graph.one("aws:scheduler/schedule:Schedule", "maintenance-notice-schedule")
    assert notice["scheduleExpression"] == maintenance.weekly.notice(maintenance.notice).expression
    said: dict[str, Any] = json.loads(notice["target"]["input"])
    assert timedelta(hours=said["notice_hours"]) == maintenance.notice
    assert said["team"] == list(maintenance.team)
    topic = graph.one("aws:sns/topic:Topic", "alerts-low").id
    channel = graph.one("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration")
    assert topic in channel["snsTopicArns"]


def test_who_stands_by_in_the_window_is_in_pagerduty() -> None:
    schedules = {schedule["name"] for schedule in built(STACK).known.all(SCHEDULE)}
    assert _guide().maintenance.team == ("On-call engineer", "Backup")
    assert {
        "SyncUp production L1 On-call engineer",
        "SyncUp production Backup of the on-call engineer",
    } <= schedules


def test_the_tech_lead_is_where_alarms_are_told() -> None:
    assert built(STACK).project.settings.monitoring.slack.channel == _guide().contacts.tech_lead


def test_users_are_told_on_the_page_that_the_outputs_name() -> None:
    graph, page = built(STACK).known, built(STACK).project.settings.monitoring.status_page
    told = {parameter["name"]: parameter["insecureValue"] for parameter in graph.all(PARAMETER)}
    assert told["/syncup/production/outputs/status-page"] == page.page_id
    assert (
        graph.one("aws:route53/healthCheck:HealthCheck")["fqdn"] == built(STACK).project.settings.edge.domain
    )


def test_logs_go_on_from_cloudwatch_to_where_they_are_searched() -> None:
    graph = built(STACK).known
    forwarded = {
        f["logGroup"] for f in graph.all("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter")
    }
    assert "/syncup/production/application" in forwarded
    assert f"/aws/rds/instance/{_primary()['identifier']}/postgresql" in forwarded
    assert graph.one("aws:opensearch/domain:Domain")["engineVersion"].startswith("OpenSearch_")


def test_every_log_group_has_an_end() -> None:
    """Log rotation: nothing is kept for ever, and nothing for less than the guide's window."""
    groups = built(STACK).known.all("aws:cloudwatch/logGroup:LogGroup")
    assert len(groups) > 20
    for group in groups:
        assert timedelta(days=group["retentionInDays"]) >= _guide().backup.retention, group["name"]
