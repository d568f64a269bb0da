"""The table of valid values, against its sources and against the properties it names."""

from pathlib import Path

import pytest

from facts import enumerations
from facts.enumerations import allowed, allowed_in_any_case
from facts.generate import TABLES, models, sdk

FACTS = Path(enumerations.__file__).parent


@pytest.mark.parametrize("name", TABLES)
def test_no_table_is_stale(name: str) -> None:
    assert (FACTS / name).read_text(encoding="utf-8") == TABLES[name](), f"{name} is stale: run `make facts`"


@pytest.mark.parametrize(
    ("type_token", "path", "value"),
    [
        ("aws:rds/instance:Instance", "storage_type", "io2"),  # the SDK's own enumeration lacks it
        ("aws:rds/proxy:Proxy", "engine_family", "POSTGRESQL"),
        ("aws:s3/bucket:Bucket", "replication_configuration.rules.destination.storage_class", "GLACIER_IR"),
        (
            "aws:cloudfront/distribution:Distribution",
            "viewer_certificate.minimum_protocol_version",
            "TLSv1.2_2025",
        ),
        ("aws:lambda/function:Function", "runtime", "python3.13"),
        ("aws:lb/targetGroup:TargetGroup", "protocol", "QUIC"),  # newer than the recorded provider
        ("aws:ecs/service:Service", "deployment_configuration.strategy", "BLUE_GREEN"),  # a newer property
    ],
)
def test_valid_values_are_allowed_and_others_are_not(type_token: str, path: str, value: str) -> None:
    values = allowed(type_token, tuple(path.split(".")))
    assert values is not None
    assert value in values
    assert "floppy" not in values


@pytest.mark.parametrize(
    ("type_token", "path"),
    [
        ("aws:ec2/instance:Instance", "instance_type"),
        ("aws:rds/instance:Instance", "engine_version"),
        ("aws:cfg/recorder:Recorder", "recording_group.resource_types"),
        ("aws:ec2/securityGroupRule:SecurityGroupRule", "protocol"),
        ("aws:rds/instance:Instance", "no_such_property"),
        ("syncup:data:Database", "storage_type"),
    ],
)
def test_open_properties_take_any_text(type_token: str, path: str) -> None:
    assert allowed(type_token, tuple(path.split("."))) is None


def test_values_that_the_provider_takes_in_any_case_are_apart() -> None:
    listener = "aws:lb/listener:Listener"
    assert allowed(listener, ("protocol",)) is None
    assert "HTTPS" in (allowed_in_any_case(listener, ("protocol",)) or ())
    assert allowed_in_any_case(listener, ("ssl_policy",)) is None


def test_no_value_of_a_model_that_describes_a_property_is_missing() -> None:
    """Between a provider's recording and a newer model, the union is taken."""
    runtimes = next(found for found in models.enumerations("lambda_") if found.name == "lambda:Runtime")
    assert runtimes.values <= (allowed("aws:lambda/function:Function", ("runtime",)) or frozenset())


def test_properties_are_read_at_every_depth() -> None:
    properties = {found.path: found for found in sdk.resource_types("rds")["aws:rds/instance:Instance"]}
    nested = properties["restore_to_point_in_time", "restore_time"]
    assert nested.wire == "restoreTime"
    assert "use_latest_restorable_time" in nested.siblings
    assert "gp3" in properties["storage_type",].members
