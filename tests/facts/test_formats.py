"""The forms that texts have to have."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from facts import formats
from facts.formats import violation
from facts.generate import models, sdk

TABLE: dict[str, Any] = json.loads(
    Path(formats.__file__).with_name("formats.json").read_text(encoding="utf-8")
)

EXAMPLES = {
    "account": (["123456789012"], ["12345", "12345678901x"]),
    "arn": (
        ["arn:aws:s3:::bucket", "arn:aws-us-gov:iam::123456789012:role/x"],
        ["bucket", "arn:aws:s3", "arn:s3:::b"],
    ),
    "base64": (["dGVzdA=="], ["dGVzdA", "#!"]),
    "boolean": (["true", "0"], ["yes"]),
    "cidr": (["10.0.0.0/16", "2001:db8::/32"], ["10.0.0.1/16", "10.0.0.0", "vpc"]),
    "cidr_of_host": (["10.0.0.1/16", "2001:db8::1/64"], ["10.0.0.1", "10.0.0.0/33"]),
    "daily_window": (["03:00-04:00"], ["3:00-4:00", "03:00-24:00", "sun:03:00-sun:04:00"]),
    "date": (["2026-02-28"], ["2026-02-30", "28.2.2026"]),
    "duration": (["1h30m", "90s", "0"], ["90", "1 h", "1d"]),
    "email": (["ops@syncup.example"], ["ops", "ops @syncup.example"]),
    "integer": (["64512", "-1"], ["1.5", "many"]),
    "ip": (["10.0.0.1", "2001:db8::1"], ["10.0.0.256", "10.0.0.0/16"]),
    "ipv4": (["10.0.0.1"], ["2001:db8::1"]),
    "ipv4_cidr": (["10.0.0.0/16"], ["2001:db8::/32", "10.0.0.1/16"]),
    "ipv6_cidr": (["2001:db8::/32"], ["10.0.0.0/16"]),
    "json": (['{"Statement": []}', "1"], ["{", "{'Statement': []}"]),
    "json_pointer": (["/a/b~1c", "/"], ["a", "/~2"]),
    "number": (["1.5", "-1"], ["many"]),
    "region": (["eu-west-1", "us-gov-east-1"], ["eu-west", "Europe"]),
    "timestamp": (
        ["2026-11-24T08:00:00Z", "2026-11-24T08:00:00.5+01:00"],
        ["2026-11-24", "2026-11-24T25:00:00Z"],
    ),
    "url": (["https://example.com/x"], ["example.com", "/x"]),
    "weekly_window": (
        ["sun:03:00-sun:04:00", "Mon:23:30-Tue:00:30"],
        ["sunday:03:00-sunday:04:00", "03:00-04:00"],
    ),
}


def _a_property_of(kind: str) -> tuple[str, tuple[str, ...]]:
    token, paths = next(iter(TABLE["kinds"][kind].items()))
    return token, tuple(paths[0].split("."))


@pytest.mark.parametrize("kind", sorted(TABLE["kinds"]))
def test_each_kind_takes_what_is_right_and_says_what_would_be(kind: str) -> None:
    token, path = _a_property_of(kind)
    right, wrong = EXAMPLES[kind]
    assert [value for value in right if violation(token, path, value)] == []
    for value in wrong:
        reason = violation(token, path, value)
        assert reason is not None, value
        assert reason.startswith("it has to be ")


def test_an_empty_text_stands_for_an_absent_one() -> None:
    for kind in TABLE["kinds"]:
        assert violation(*_a_property_of(kind), "") is None


def test_a_property_without_a_form_takes_any_text() -> None:
    assert violation("aws:rds/instance:Instance", ("engine_version",), "anything") is None
    assert violation("aws:no/such:Type", ("name",), "anything") is None


def test_case_does_not_matter_where_the_provider_ignores_it() -> None:
    listener = "aws:lb/listener:Listener", ("default_actions", "type")
    assert violation(*listener, "forward") is None
    assert violation(*listener, "FORWARD") is None
    assert "redirect" in (violation(*listener, "forwards") or "")


@pytest.mark.parametrize(
    ("token", "path", "right", "wrong"),
    [
        ("aws:kms/alias:Alias", "name", "alias/syncup-production-data", "syncup-production-data"),
        ("aws:lb/targetGroup:TargetGroup", "health_check.port", "traffic-port", "http"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "extended_statistic", "p99.9", "Average"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "metric_queries.metric.stat", "TM(10%:90%)", "average"),
        ("aws:elasticache/replicationGroup:ReplicationGroup", "engine_version", "8.0", "latest"),
        ("aws:ec2/networkAcl:NetworkAcl", "ingress.protocol", "-1", "http"),
    ],
)
def test_patterns_of_single_properties(token: str, path: str, right: str, wrong: str) -> None:
    names = tuple(path.split("."))
    assert violation(token, names, right) is None
    assert violation(token, names, wrong) is not None


def test_every_property_in_the_table_is_a_text_of_the_sdk() -> None:
    texts = {
        (token, ".".join(found.path))
        for module in models.SERVICES
        for token, properties in sdk.resource_types(module).items()
        for found in properties
        if found.is_text
    }
    groups = [*TABLE["kinds"].values(), *(group["properties"] for group in TABLE["patterns"])]
    named = {(token, path) for group in groups for token, paths in group.items() for path in paths}
    assert named - texts == set()


def test_every_pattern_compiles_and_has_its_source() -> None:
    for group in TABLE["patterns"]:
        re.compile(group["pattern"])
        assert group["source"].startswith("https://docs.aws.amazon.com/")
