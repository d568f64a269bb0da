"""A healthy stack, as AWS describes it."""

from collections.abc import Mapping
from typing import Any

from tests.operate.double import NOW, Answer, Parameters, error

OUTPUTS = {
    "account-id": "444455556666",
    "application-group": "syncup-staging-application",
    "application-log-group": "/syncup/staging/application",
    "backup-vault": "syncup-staging-backups",
    "bastion-instance": "i-0a1b2c3d4e5f60718",
    "cache-endpoint": "cache.example.com",
    "cache-group": "syncup-staging-cache",
    "database-address": "g1.example.com",
    "database-identifier": "syncup-staging-g1",
    "database-name": "syncup",
    "database-proxy": "syncup-staging-database",
    "database-proxy-endpoint": "proxy.example.com",
    "database-setup": "syncup-staging-rotation-database-setup",
    "distribution-id": "E2EXAMPLE",
    "dump-bucket": "syncup-staging-dumps-444455556666-us-west-2",
    "dump-project": "syncup-staging-dump",
    "firewall-log-group": "aws-waf-logs-syncup-staging-cdn-firewall",
    "global-region": "us-east-1",
    "launch-template-id": "lt-0a1b2c3d4e5f60718",
    "launch-template-urn": "urn:pulumi:staging::syncup::aws:ec2/launchTemplate:LaunchTemplate::application",
    "load-balancer": "app/syncup-staging/0123456789abcdef",
    "records-bucket": "syncup-staging-records-444455556666-us-west-2",
    "recovery-region": "us-east-2",
    "recovery-test-plan": "syncup_staging_recovery_test",
    "refresh-alarms": "syncup-staging-failing-requests,syncup-staging-unhealthy-instances",
    "region": "us-west-2",
    "release-bucket": "syncup-staging-releases-444455556666-us-west-2",
    "restore-project": "syncup-staging-restore",
    "search-endpoint": "search.example.com",
    "slack-channel": "C0123ABCDEF",
    "static-bucket": "syncup-staging-static-444455556666-us-west-2",
    "status-page": "kctbh9vrtdwd",
    "status-page-components": '{"api": "41wg86q5vc14"}',
    "url": "https://staging.syncup.example.com",
    "vpn-endpoint": "cvpn-endpoint-0a1b2c3d4e5f60718",
}
"""Named as the program names them, which a test holds."""


def outputs(values: Mapping[str, str], stack: str = "staging") -> Answer:
    """The outputs' parameters, in two pages as AWS hands them out."""
    parameters = [
        {"Name": f"/syncup/{stack}/outputs/{name}", "Value": value} for name, value in values.items()
    ]

    def answer(asked: Parameters) -> Any:
        if asked["Path"] != f"/syncup/{stack}/outputs":
            return {"Parameters": []}
        if "NextToken" in asked:
            return {"Parameters": parameters[10:]}
        return {"Parameters": parameters[:10], **({"NextToken": "more"} if len(parameters) > 10 else {})}

    return answer


def parameter(values: Mapping[str, str]) -> Answer:
    """Parameters by name; all others do not exist."""

    def answer(asked: Parameters) -> Any:
        if asked["Name"] not in values:
            return error("ParameterNotFound")
        return {"Parameter": {"Name": asked["Name"], "Value": values[asked["Name"]]}}

    return answer


def instance(identifier: str, **changes: Any) -> dict[str, Any]:
    """One instance of the group."""
    return {
        "InstanceId": identifier,
        "AvailabilityZone": "us-west-2a",
        "LifecycleState": "InService",
        "HealthStatus": "Healthy",
        "ProtectedFromScaleIn": False,
        **changes,
    }


def group(*instances: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The answer about the group."""
    return {
        "AutoScalingGroups": [
            {
                "AutoScalingGroupName": OUTPUTS["application-group"],
                "MinSize": 2,
                "MaxSize": 4,
                "DesiredCapacity": 2,
                "DefaultCooldown": 300,
                "AvailabilityZones": ["us-west-2a"],
                "HealthCheckType": "ELB",
                "CreatedTime": NOW,
                "Instances": list(instances),
                "SuspendedProcesses": [],
                **changes,
            }
        ]
    }


TWO = (instance("i-1"), instance("i-2"))


def database(**changes: Any) -> dict[str, Any]:
    """The answer about a database instance."""
    return {
        "DBInstances": [
            {
                "DBInstanceIdentifier": OUTPUTS["database-identifier"],
                "DBInstanceStatus": "available",
                "EngineVersion": "17.6",
                "LatestRestorableTime": NOW,
                "PendingModifiedValues": {},
                **changes,
            }
        ]
    }


def cache(status: str = "available") -> dict[str, Any]:
    """The answer about the cache."""
    return {"ReplicationGroups": [{"Status": status, "MemberClusters": ["one", "two"]}]}


def alarm(name: str, severity: str | None = "critical") -> dict[str, Any]:
    """One alarm that rings."""
    topic = f"arn:aws:sns:us-west-2:444455556666:syncup-staging-alerts-{severity}"
    return {
        "AlarmName": f"syncup-staging-{name}",
        "AlarmActions": [topic] if severity else [],
        "AlarmDescription": "Something is wrong. Runbook: https://example.com/page.md",
        "StateUpdatedTimestamp": NOW,
        "StateValue": "ALARM",
    }


def alarms(*ringing: dict[str, Any]) -> Answer:
    """What rings in the stack's own region; elsewhere nothing does."""
    return lambda _: {"MetricAlarms": list(ringing), "CompositeAlarms": []}


HEALTHY: Mapping[str, Answer] = {
    "ssm.GetParametersByPath": outputs(OUTPUTS),
    "ssm.GetParameter": parameter({"/syncup/staging/release": "2026.11.3"}),
    "autoscaling.DescribeAutoScalingGroups": group(*TWO),
    "rds.DescribeDBInstances": database(),
    "elasticache.DescribeReplicationGroups": cache(),
    "cloudwatch.DescribeAlarms": alarms(),
}
