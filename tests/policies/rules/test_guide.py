"""What the rules of an operations guide decide.

Every credential here is put together from parts, so that no scanner of files finds one.
"""

import base64
import json
from typing import Any

import pytest

from facts.holding_data import HOLDING_DATA
from policies.evaluate import Verdict, judge
from policies.rule import STACK_TYPE
from policies.rules import guide
from policies.stack import Stack
from policies.view import Options, Resource
from tests.policies.kit import SIDE, Case, Side, judged

_PASSWORD = "correct-Horse7" + "Battery"
_SCRIPT = "#!/bin/sh\nexport DATABASE_PASSWORD={}\n"
_BAD = _SCRIPT.format(_PASSWORD)
_GOOD = _SCRIPT.format("$(aws secretsmanager get-secret-value --secret-id database)")
_ACCESS_KEY = "AKIA" + "ABCDEFGHIJKLMNOP"
_ADDRESS = f"postgresql://syncup:{_PASSWORD}@database.internal:5432/syncup"


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


_USER_DATA = [
    *(
        Case(
            guide.user_data_no_credentials,
            type=token,
            compliant={"userData": _GOOD},
            violating={"userData": _BAD},
            absent=Verdict.COMPLIANT,
            more_violating=[{"userData": f"curl {_ADDRESS}"}, {"userData": _coded(_BAD)}],
        )
        for token in guide.user_data_no_credentials.types
        if not token.endswith("LaunchTemplate")
    ),
    Case(
        guide.user_data_no_credentials,
        compliant={"userDataBase64": _coded(_GOOD)},
        violating={"userDataBase64": _coded(_BAD)},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        guide.user_data_no_credentials,
        type="aws:ec2/launchTemplate:LaunchTemplate",
        compliant={"userData": _coded(_GOOD)},
        violating={"userData": _coded(_BAD)},
        absent=Verdict.COMPLIANT,
    ),
]


def _variables(name: str, value: str) -> dict[str, Any]:
    return {"environment": {"variables": {name: value}}}


def _containers(**container: Any) -> dict[str, Any]:
    return {"containerDefinitions": json.dumps([{"name": "api", "image": "api", **container}])}


def _job(**container: Any) -> dict[str, Any]:
    return {"containerProperties": json.dumps({"image": "job", **container})}


def _environment(value: str) -> dict[str, Any]:
    return {"environment": [{"name": "PORT", "value": "80"}, {"name": "DATABASE_PASSWORD", "value": value}]}


def _build(kind: str, value: str) -> dict[str, Any]:
    variables = [{"name": "NPM_TOKEN", "type": kind, "value": value}]
    return {
        "environment": {
            "computeType": "BUILD_GENERAL1_SMALL",
            "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
            "type": "ARM_CONTAINER",
            "environmentVariables": variables,
        }
    }


_TOKEN = "npm_" + "0123456789abcdefghijABCDEFGHIJ012345"

_SETTINGS = [
    Case(
        guide.function_no_credentials,
        compliant=_variables("DATABASE_PASSWORD", "${later}"),
        violating=_variables("DATABASE_PASSWORD", _PASSWORD),
        absent=Verdict.COMPLIANT,
        more_compliant=[_variables("SECRET_NAME", "syncup/production/database")],
        more_violating=[_variables("SETTING", _ACCESS_KEY), _variables("DATABASE_URL", _ADDRESS)],
    ),
    Case(
        guide.container_no_credentials,
        compliant=_containers(secrets=[{"name": "DATABASE_PASSWORD", "valueFrom": "arn:aws:ssm:x"}]),
        violating=_containers(**_environment(_PASSWORD)),
        absent=None,
        more_violating=[
            _containers(command=["run", f"--password={_PASSWORD}"]),
            _containers(entryPoint=["sh", "-c", f"DATABASE_PASSWORD={_PASSWORD} run"]),
        ],
    ),
    Case(
        guide.container_no_credentials,
        type="aws:batch/jobDefinition:JobDefinition",
        compliant=_job(),
        violating=_job(**_environment(_PASSWORD)),
        absent=Verdict.COMPLIANT,
    ),
    Case(
        guide.build_no_credentials,
        compliant=_build("SECRETS_MANAGER", "build/npm-token"),
        violating=_build("PLAINTEXT", _TOKEN),
        absent=Verdict.COMPLIANT,
        more_compliant=[_build("PARAMETER_STORE", _TOKEN), _build("PLAINTEXT", "none")],
    ),
    Case(
        guide.build_no_credentials,
        base={"artifacts": {"type": "NO_ARTIFACTS"}},
        compliant={"source": {"type": "NO_SOURCE", "buildspec": _GOOD}},
        violating={"source": {"type": "NO_SOURCE", "buildspec": _BAD}},
        absent=Verdict.COMPLIANT,
    ),
    *(
        Case(
            guide.parameter_no_credentials,
            base={"name": "/app/JWT_SECRET", "type": "String"},
            compliant={path: "syncup/production"},
            violating={path: "a1b2c3d4e5f6"},
            absent=Verdict.COMPLIANT,
            more_violating=[{path: _ADDRESS}, {path: f"{_ACCESS_KEY}:x"}],
            out_of_scope=[{"type": "SecureString"}],
        )
        for path in ("value", "insecureValue")
    ),
    *(
        Case(
            guide.setting_no_credentials,
            type=token,
            compliant={path: {"TOKEN": "auth/token"}},
            violating={path: {"TOKEN": _TOKEN}},
            absent=Verdict.COMPLIANT,
        )
        for token, path in (
            ("aws:amplify/app:App", "environmentVariables"),
            ("aws:amplify/branch:Branch", "environmentVariables"),
            ("aws:glue/connection:Connection", "connectionProperties"),
            ("aws:glue/job:Job", "defaultArguments"),
        )
    ),
    Case(
        guide.setting_no_credentials,
        type="aws:elasticbeanstalk/environment:Environment",
        compliant={"settings": [{"namespace": "app", "name": "TOKEN", "value": "auth/token"}]},
        violating={"settings": [{"namespace": "app", "name": "TOKEN", "value": _TOKEN}]},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        guide.setting_no_credentials,
        type="aws:apprunner/service:Service",
        compliant={"sourceConfiguration": {"imageRepository": {"imageConfiguration": {}}}},
        violating={
            "sourceConfiguration": {
                "imageRepository": {
                    "imageConfiguration": {"runtimeEnvironmentVariables": {"TOKEN": _TOKEN}},
                }
            }
        },
        absent=None,
        unknown=None,
        valid=False,
    ),
]

_TAGS = [
    *(
        Case(
            guide.tags_no_credentials,
            type=token,
            compliant={"tags": {"Password": "none"}},
            violating={"tags": {"Password": _PASSWORD}},
            absent=Verdict.COMPLIANT,
            more_compliant=[{"tags": {"Secret": "application/database", "ManagedBy": "pulumi"}}],
            valid=False,
        )
        for token in guide.tags_no_credentials.types
        if token != "aws:autoscaling/group:Group"  # noqa: S105 (a type)
    ),
    Case(
        guide.tags_no_credentials,
        type="aws:autoscaling/group:Group",
        compliant={"tags": [{"key": "Password", "value": "none", "propagateAtLaunch": True}]},
        violating={"tags": [{"key": "Password", "value": _PASSWORD, "propagateAtLaunch": True}]},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        guide.tags_no_credentials,
        type="aws:ec2/launchTemplate:LaunchTemplate",
        compliant={"tagSpecifications": [{"resourceType": "instance", "tags": {"Password": "none"}}]},
        violating={"tagSpecifications": [{"resourceType": "instance", "tags": {"Password": _PASSWORD}}]},
        absent=Verdict.COMPLIANT,
    ),
]

_SEARCH = {"advancedSecurityOptions": {"masterUserOptions": {"masterUserName": "keeper"}}}
_SEARCH_WRITTEN = {
    "advancedSecurityOptions": {
        "masterUserOptions": {"masterUserName": "keeper", "masterUserPassword": _PASSWORD}
    }
}
_WRITTEN: dict[str, dict[str, Any]] = {
    "aws:directoryservice/directory:Directory": {"password": _PASSWORD},
    "aws:dms/endpoint:Endpoint": {"password": _PASSWORD},
    "aws:docdb/cluster:Cluster": {"masterPassword": _PASSWORD},
    "aws:elasticsearch/domain:Domain": _SEARCH_WRITTEN,
    "aws:memorydb/user:User": {"authenticationMode": {"type": "password", "passwords": [_PASSWORD]}},
    "aws:mq/broker:Broker": {"users": [{"username": "keeper", "password": _PASSWORD}]},
    "aws:opensearch/domain:Domain": _SEARCH_WRITTEN,
    "aws:redshift/cluster:Cluster": {"masterPassword": _PASSWORD},
    "aws:redshiftserverless/namespace:Namespace": {"adminUserPassword": _PASSWORD},
}
_UNWRITTEN: dict[str, dict[str, Any]] = {
    "aws:directoryservice/directory:Directory": {"password": ""},
    "aws:elasticsearch/domain:Domain": _SEARCH,
    "aws:memorydb/user:User": {"authenticationMode": {"type": "iam"}},
    "aws:mq/broker:Broker": {"users": []},
    "aws:opensearch/domain:Domain": _SEARCH,
}
_PASSWORDS = [
    Case(
        guide.password_not_in_program,
        type=token,
        compliant=_UNWRITTEN.get(token, {}),
        violating=written,
        absent=None,
        unknown=Verdict.COMPLIANT,
        valid=False,
    )
    for token, written in _WRITTEN.items()
]

_DATA = [
    Case(
        guide.data_protected,
        type=kind,
        compliant_options=Options(protect=True),
        violating_options=Options(protect=False),
        out_of_scope=[{"replicateSourceDb": "main"}] if kind == "aws:rds/instance:Instance" else [],
    )
    for kind in HOLDING_DATA
]

_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
_MONITOR = "datadog:index/monitor:Monitor"
_ALERTS = {"alerts": ["HighErrorRate: error_rate > 5%", "HighLatency"]}


def _alarm(name: str) -> Side:
    return Side(_ALARM, name=name)


def _monitor(name: str) -> Side:
    return Side(_MONITOR, name=name)


_LATENCY = [_alarm("high-latency"), _monitor("HighLatency")]

_BOTH = [
    Case(
        guide.alert_in_both_systems,
        beside=[*_LATENCY, _monitor("[production] HighErrorRate")],
        compliant_beside=[_alarm("app-high-error-rate")],
        violating_beside=[_alarm("app-high-memory")],
        settings=_ALERTS,
        unknown=Verdict.VIOLATED,
    ),
    Case(
        guide.alert_in_both_systems,
        beside=[*_LATENCY, _alarm("app-high-error-rate")],
        compliant_beside=[_monitor("[production] HighErrorRate")],
        violating_beside=[_monitor("[production] HighMemory")],
        settings=_ALERTS,
        unknown=Verdict.VIOLATED,
    ),
    Case(
        guide.alert_in_both_systems,
        beside=[*_LATENCY, _alarm("high-error-rate-edge"), _alarm("high-error-rate-origin")],
        compliant_beside=[_monitor("HighErrorRate (edge)"), _monitor("HighErrorRate (origin)")],
        violating_beside=[_monitor("HighErrorRate (edge)"), _monitor("HighErrorRate (other)")],
        settings=_ALERTS,
        unknown=Verdict.VIOLATED,
    ),
]

_GREATER = {"comparisonOperator": "GreaterThanThreshold"}
_TOPIC = Side("aws:sns/topic:Topic")


def _subscription(topic: str) -> Side:
    return Side(
        "aws:sns/topicSubscription:TopicSubscription",
        topic=topic,
        protocol="https",
        endpoint="https://events.example.com/on-call",
    )


_CALLED = [
    Case(
        guide.alarm_threshold,
        base={"name": "high-error-rate", **_GREATER},
        compliant={"threshold": 5},
        violating={"threshold": 50},
        settings=_ALERTS,
        more_compliant=[{"threshold": 0.05}],
        out_of_scope=[{"name": "high-memory"}],
    ),
    Case(
        guide.alarm_threshold,
        base={"name": "high-error-rate", "threshold": 5},
        compliant=_GREATER,
        violating={"comparisonOperator": "LessThanThreshold"},
        settings=_ALERTS,
        absent=None,
        more_compliant=[{"comparisonOperator": "GreaterThanOrEqualToThreshold"}],
    ),
    Case(
        guide.alarm_calls,
        base={"name": "high-error-rate", "alarmActions": [SIDE]},
        beside=[_TOPIC],
        compliant_beside=[_subscription(SIDE)],
        settings=_ALERTS,
        out_of_scope=[{"name": "high-memory"}],
    ),
    Case(
        guide.alarm_calls,
        base={"name": "high-error-rate"},
        compliant={"alarmActions": ["arn:aws:sns:us-west-2:111122223333:of-another-stack"]},
        violating={"alarmActions": []},
        settings=_ALERTS,
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        guide.alarm_calls,
        base={"name": "high-error-rate", "alarmActions": ["arn:aws:sns:us-west-2:111122223333:other"]},
        compliant={"actionsEnabled": True},
        violating={"actionsEnabled": False},
        settings=_ALERTS,
        absent=Verdict.COMPLIANT,
    ),
    Case(
        guide.monitor_threshold,
        base={"name": "HighErrorRate"},
        compliant={"query": "avg(last_5m):avg:errors{*} > 5"},
        violating={"query": "avg(last_5m):avg:errors{*} > 50"},
        settings=_ALERTS,
        more_compliant=[{"query": "avg(last_5m):avg:errors{*} >= 0.05"}],
        more_violating=[{"query": "avg(last_5m):avg:errors{*} < 5"}, {"query": "anomalies(avg:errors{*})"}],
        out_of_scope=[{"name": "HighMemory"}],
    ),
    Case(
        guide.monitor_threshold,
        base={"name": "HighErrorRate", "query": "avg(last_5m):avg:errors{*} > 5"},
        compliant={"monitorThresholds": {"critical": "5"}},
        violating={"monitorThresholds": {"critical": "50"}},
        settings=_ALERTS,
        absent=Verdict.COMPLIANT,
    ),
]

CASES = (*_USER_DATA, *_SETTINGS, *_TAGS, *_PASSWORDS, *_DATA, *_BOTH, *_CALLED)

test_cases = judged(CASES)


def _resource(token: str, **more: Any) -> Resource:
    return Resource(urn=f"urn:pulumi:test::example::{token}::one", type_token=token, **more)


def test_a_stack_without_alerts_is_not_asked_for_them() -> None:
    main, other = _resource(STACK_TYPE, inputs={}), _resource(_ALARM, inputs={"name": "high-memory"})
    assert (
        judge(guide.alert_in_both_systems, main, _ALERTS, Stack([main, other])).verdict
        is Verdict.OUT_OF_SCOPE
    )


@pytest.mark.parametrize(
    "maker", ["random:index/randomPassword:RandomPassword", "aws:ssm/parameter:Parameter"]
)
def test_a_password_that_a_resource_makes_is_not_written_in_the_program(maker: str) -> None:
    source = _resource(maker, inputs={})
    cluster = _resource(
        "aws:docdb/cluster:Cluster",
        inputs={"masterPassword": _PASSWORD},
        property_dependencies={"masterPassword": (source.urn,)},
    )
    for stack, verdict in (
        (Stack([source, cluster]), Verdict.COMPLIANT),
        (Stack([cluster]), Verdict.VIOLATED),
    ):
        assert judge(guide.password_not_in_program, cluster, {}, stack).verdict is verdict


def test_a_password_that_is_marked_as_secret_is_not_written_in_the_program() -> None:
    cluster = _resource(
        "aws:docdb/cluster:Cluster",
        inputs={"masterPassword": _PASSWORD},
        secrets=frozenset({("masterPassword",)}),
    )
    assert judge(guide.password_not_in_program, cluster, {}, Stack([cluster])).verdict is Verdict.COMPLIANT
