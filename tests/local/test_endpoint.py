"""The endpoint of this machine answers as AWS does, or says that it does not."""

from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError

from components.contract import RUN_MIGRATIONS
from local import here
from local.endpoint import Endpoint, serving
from local.scripts import Scripts
from local.wire import Call, RefusalError
from operate.aws import in_one_line
from operate.errors import RemoteError

# AWS' models name errors that ours is not among; the environment's process does not care either.
pytestmark = pytest.mark.filterwarnings("ignore:Exception.RefusalError. with code NotImplemented")


class Served:
    """An endpoint that runs."""

    def __init__(self, endpoint: Endpoint, port: int) -> None:
        self.endpoint = endpoint
        self.address = f"http://127.0.0.1:{port}"

    def client(self, service: str, region: str = "us-west-2") -> Any:
        return here.client(self.address, service, region)


@pytest.fixture
def served() -> Iterator[Served]:
    endpoint = Endpoint()
    with serving(endpoint) as port:
        yield Served(endpoint, port)


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("backup", "list_recovery_points_by_backup_vault", {"BackupVaultName": "v"}),
        ("cloudtrail", "lookup_events", {}),
        ("ec2", "describe_client_vpn_endpoints", {}),
        ("ssm", "start_session", {"Target": "i-1"}),
    ],
)
def test_what_nobody_does_is_said_in_one_line(
    served: Served, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    said = rf"local has no {service} \w+: moto does not do it"
    with pytest.raises(RemoteError, match=said) as raised, in_one_line():
        getattr(served.client(service), operation)(**parameters)
    assert "\n" not in str(raised.value)


def _sent(served: Served, script: str) -> str:
    """What a script has come to."""
    served.endpoint.answers |= Scripts().answers()
    ssm = served.client("ssm")
    sent = ssm.send_command(
        InstanceIds=["i-1"], DocumentName="AWS-RunShellScript", Parameters={"commands": [script]}
    )
    return ssm.get_command_invocation(CommandId=sent["Command"]["CommandId"], InstanceId="i-1")["Status"]


@pytest.mark.parametrize("script", ["true", "", f"{RUN_MIGRATIONS} 1; true", f"{RUN_MIGRATIONS} $(true)"])
def test_no_script_is_run_on_this_machine(served: Served, script: str) -> None:
    with pytest.raises(RemoteError, match="local has no instances that could run a script"), in_one_line():
        _sent(served, script)


def test_the_stand_in_has_migrated_already(served: Served) -> None:
    assert _sent(served, f"{RUN_MIGRATIONS} 2026.11.4") == "Success"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "answer"),
    [
        (
            "autoscaling",
            "start_instance_refresh",
            {"AutoScalingGroupName": "g", "Preferences": {"MinHealthyPercentage": 100}},
            {"InstanceRefreshId": "r"},
        ),
        ("codebuild", "stop_build", {"id": "p:1"}, {"build": {"id": "p:1"}}),
        ("cloudwatch", "describe_alarm_history", {"AlarmName": "a"}, {"AlarmHistoryItems": []}),
    ],
)
def test_our_own_answers_arrive_in_each_protocol(
    served: Served, service: str, operation: str, parameters: dict[str, Any], answer: dict[str, Any]
) -> None:
    asked: list[Call] = []
    name = "".join(word.capitalize() for word in operation.split("_"))
    served.endpoint.answers[f"{service}.{name}"] = lambda call: asked.append(call) or answer
    got = getattr(served.client(service), operation)(**parameters)
    assert {key: got[key] for key in answer} == answer
    assert [dict(call.parameters) for call in asked] == [parameters]
    assert asked[0].region == "us-west-2"


def test_a_refusal_is_the_error_that_aws_would_send(served: Served) -> None:
    def refuse(_: Call) -> None:
        raise RefusalError("InstanceRefreshInProgress", "one goes on")

    served.endpoint.answers["autoscaling.StartInstanceRefresh"] = refuse
    with pytest.raises(ClientError, match=r"InstanceRefreshInProgress.*one goes on"):
        served.client("autoscaling").start_instance_refresh(AutoScalingGroupName="g")


def test_what_is_not_ours_is_motos(served: Served) -> None:
    served.endpoint.answers["ssm.PutParameter"] = lambda _: None
    ssm = served.client("ssm")
    ssm.put_parameter(Name="/a", Value="b", Type="String")
    assert ssm.get_parameter(Name="/a")["Parameter"]["Value"] == "b"


def test_an_objects_bytes_come_back_as_they_went(served: Served) -> None:
    s3, body = served.client("s3", "us-east-1"), bytes(range(256)) * 100
    s3.create_bucket(Bucket="of-the-endpoints-test")
    s3.put_object(Bucket="of-the-endpoints-test", Key="a b/ü", Body=body)
    assert s3.get_object(Bucket="of-the-endpoints-test", Key="a b/ü")["Body"].read() == body
    assert s3.head_object(Bucket="of-the-endpoints-test", Key="a b/ü")["ContentLength"] == len(body)


def test_whoever_does_not_sign_gets_nothing(served: Served) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(f"{served.address}/of-somebody?list-type=2")  # noqa: S310 (this machine)
    assert refused.value.code == 403
    refused.value.close()
