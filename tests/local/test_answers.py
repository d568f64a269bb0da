"""What this machine makes real of AWS behaves as AWS does, where commands and functions depend on it."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import refreshes
from local.addresses import Addresses
from local.alarms import Alarms
from local.cache_server import CacheServer
from local.copies import Copies
from local.endpoint import Endpoint, serving
from local.here import Here
from local.invocations import FunctionError
from local.postgres import Postgres
from local.refreshes import Refreshes
from local.rotations import Rotations

pytestmark = pytest.mark.filterwarnings("ignore:Exception.RefusalError. with code")
REGION = "us-west-2"
ALARM = "syncup-local-failing"


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def here(endpoint: Endpoint, tmp_path: Path) -> Iterator[Here]:
    with serving(endpoint) as port:
        yield Here(
            # Moto's own where nobody names another one.
            account="123456789012",
            region=REGION,
            endpoint=f"http://127.0.0.1:{port}",
            folder=tmp_path,
            authority=tmp_path / "ca.pem",
            addresses=Addresses(database=1, proxy=2, cache=3, plain_cache=4, page=5),
            database=Postgres(1, tmp_path, tmp_path, "none"),
            cache=CacheServer(4),
        )


def _soon(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


class Group:
    """A group of two instances, of the first of two versions of its launch template."""

    def __init__(self, here: Here, name: str) -> None:
        self.name, self.autoscaling, ec2 = name, here.client("autoscaling"), here.client("ec2")
        template = ec2.create_launch_template(
            LaunchTemplateName=name, LaunchTemplateData={"ImageId": "ami-12345678"}
        )["LaunchTemplate"]["LaunchTemplateId"]
        ec2.create_launch_template_version(
            LaunchTemplateId=template, LaunchTemplateData={"ImageId": "ami-12345678"}
        )
        self._template = template
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=2,
            MaxSize=4,
            AvailabilityZones=[f"{REGION}a"],
            MixedInstancesPolicy=self.policy("1"),
        )

    def policy(self, version: str) -> Mapping[str, Any]:
        specification = {"LaunchTemplateId": self._template, "Version": version}
        overrides = [{"InstanceType": "t4g.medium"}]
        return {"LaunchTemplate": {"LaunchTemplateSpecification": specification, "Overrides": overrides}}

    def start(self, **more: Any) -> str:
        answer = self.autoscaling.start_instance_refresh(
            AutoScalingGroupName=self.name,
            DesiredConfiguration={"MixedInstancesPolicy": self.policy("2")},
            Preferences={"AutoRollback": True, "AlarmSpecification": {"Alarms": [ALARM]}},
            **more,
        )
        return answer["InstanceRefreshId"]

    def ended(self, identifier: str) -> str:
        """How a refresh has ended."""

        def status() -> str:
            answer = self.autoscaling.describe_instance_refreshes(
                AutoScalingGroupName=self.name, InstanceRefreshIds=[identifier]
            )
            return answer["InstanceRefreshes"][0]["Status"]

        _soon(lambda: status() not in {"InProgress", "RollbackInProgress"})
        return status()

    @property
    def now(self) -> Any:
        answer = self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])
        return answer["AutoScalingGroups"][0]

    @property
    def instances(self) -> set[str]:
        return {one["InstanceId"] for one in self.now["Instances"]}

    @property
    def version(self) -> str:
        template = self.now["MixedInstancesPolicy"]["LaunchTemplate"]
        return template["LaunchTemplateSpecification"]["Version"]


@pytest.fixture
def group(
    endpoint: Endpoint, here: Here, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Group:
    monkeypatch.setattr(refreshes, "_INSTANCE_SECONDS", 0.05)
    endpoint.answers |= Refreshes(here).answers() | Alarms(here).answers()
    return Group(here, request.node.name)


def _alarm(here: Here, state: str) -> None:
    cloudwatch = here.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=ALARM,
        Namespace="n",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=ALARM, StateValue=state, StateReason="practice")


def test_a_refresh_replaces_every_instance_and_leaves_the_new_version(here: Here, group: Group) -> None:
    _alarm(here, "OK")
    before = group.instances
    assert group.ended(group.start()) == "Successful"
    assert len(group.instances) == 2
    assert not group.instances & before
    assert group.version == "2"


def test_an_alarm_turns_a_refresh_back(here: Here, group: Group) -> None:
    _alarm(here, "ALARM")
    assert group.ended(group.start()) == "RollbackSuccessful"
    assert group.version == "1"
    _alarm(here, "OK")


def test_of_two_refreshes_one_is_refused(here: Here, group: Group) -> None:
    _alarm(here, "OK")
    first = group.start()
    with pytest.raises(ClientError, match="InstanceRefreshInProgress"):
        group.start()
    assert group.ended(first) == "Successful"


def test_a_refresh_that_is_turned_back_leaves_the_version_before(here: Here, group: Group) -> None:
    _alarm(here, "OK")
    first = group.start()
    group.autoscaling.rollback_instance_refresh(AutoScalingGroupName=group.name)
    assert group.ended(first) == "RollbackSuccessful"
    assert group.version == "1"
    with pytest.raises(ClientError, match="ActiveInstanceRefreshNotFound"):
        group.autoscaling.cancel_instance_refresh(AutoScalingGroupName=group.name)


def test_a_group_that_launches_nothing_stays_empty_until_it_may(group: Group) -> None:
    autoscaling, name = group.autoscaling, group.name
    autoscaling.suspend_processes(AutoScalingGroupName=name, ScalingProcesses=["Launch"])
    for instance in group.instances:
        autoscaling.terminate_instance_in_auto_scaling_group(
            InstanceId=instance, ShouldDecrementDesiredCapacity=False
        )
    assert group.instances == set()
    assert group.now["DesiredCapacity"] == 2
    autoscaling.resume_processes(AutoScalingGroupName=name, ScalingProcesses=["Launch"])
    assert len(group.instances) == 2


def test_alarms_are_told_apart_by_their_state_and_remembered(endpoint: Endpoint, here: Here) -> None:
    alarms, began = Alarms(here), datetime.now(UTC) - timedelta(seconds=1)
    endpoint.answers |= alarms.answers()
    endpoint.after |= alarms.after()
    cloudwatch = here.client("cloudwatch")
    _alarm(here, "ALARM")
    found = cloudwatch.describe_alarms(AlarmNamePrefix="syncup-local-", StateValue="ALARM")
    assert [alarm["AlarmName"] for alarm in found["MetricAlarms"]] == [ALARM]
    _alarm(here, "OK")
    found = cloudwatch.describe_alarms(AlarmNamePrefix="syncup-local-", StateValue="ALARM")
    assert found["MetricAlarms"] == []
    kept = cloudwatch.describe_alarm_history(StartDate=began, EndDate=datetime.now(UTC))
    assert [item["HistorySummary"] for item in kept["AlarmHistoryItems"]] == [
        "Alarm updated to OK",
        "Alarm updated to ALARM",
    ]


def test_what_is_written_to_a_locked_bucket_is_locked_and_copied(endpoint: Endpoint, here: Here) -> None:
    endpoint.after |= Copies(here).after()
    s3 = here.client("s3")
    for name in ("of-dumps", "of-copies"):
        s3.create_bucket(
            Bucket=name,
            ObjectLockEnabledForBucket=True,
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )
        s3.put_object_lock_configuration(
            Bucket=name,
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}},
            },
        )
    rule = {
        "ID": "everything",
        "Status": "Enabled",
        "Priority": 0,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": "arn:aws:s3:::of-copies"},
    }
    s3.put_bucket_replication(
        Bucket="of-dumps", ReplicationConfiguration={"Role": "arn:aws:iam::1:role/r", "Rules": [rule]}
    )
    where = {"Bucket": "of-dumps", "Key": "dump"}
    upload = s3.create_multipart_upload(**where)["UploadId"]
    part = s3.upload_part(**where, UploadId=upload, PartNumber=1, Body=b"of the dump")
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
    head = s3.head_object(**where)
    assert head["ReplicationStatus"] == "COMPLETED"
    assert head["ObjectLockRetainUntilDate"] > datetime.now(UTC) + timedelta(days=29)
    assert s3.get_object(Bucket="of-copies", Key="dump")["Body"].read() == b"of the dump"


class Rotating:
    """A secret that rotates by a function of the test's."""

    def __init__(self, endpoint: Endpoint, here: Here, name: str, fails_at: str = "") -> None:
        self.secrets, self.name, self._fails_at = here.client("secretsmanager"), name, fails_at
        self.steps: list[str] = []
        found = Rotations(here, self)  # pyright: ignore[reportArgumentType] (as far as it is asked)
        endpoint.answers |= found.answers()
        endpoint.after |= found.after()
        self.secrets.create_secret(Name=name, SecretString=json.dumps({"n": 0}))
        self.secrets.rotate_secret(
            SecretId=name,
            RotationLambdaARN="arn:aws:lambda:us-west-2:123456789012:function:of-the-test",
            RotationRules={"AutomaticallyAfterDays": 90},
            RotateImmediately=False,
        )

    def run(self, _name: str, event: Mapping[str, str]) -> None:
        """Does a step, as a rotation's function does."""
        step, token = event["Step"], event["ClientRequestToken"]
        self.steps.append(step)
        if step == self._fails_at:
            raise FunctionError("it does not work")
        where = {"SecretId": event["SecretId"]}
        if step == "createSecret":
            self.secrets.put_secret_value(
                **where, ClientRequestToken=token, SecretString='{"n": 1}', VersionStages=["AWSPENDING"]
            )
        if step == "finishSecret":
            versions = self.secrets.describe_secret(**where)["VersionIdsToStages"]
            before = next(one for one, labels in versions.items() if "AWSCURRENT" in labels)
            self.secrets.update_secret_version_stage(
                **where, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=before
            )

    def rotate(self) -> None:
        self.secrets.rotate_secret(SecretId=self.name)

    @property
    def value(self) -> Any:
        return json.loads(self.secrets.get_secret_value(SecretId=self.name)["SecretString"])


def test_a_rotation_goes_through_its_four_steps(endpoint: Endpoint, here: Here) -> None:
    rotating = Rotating(endpoint, here, "of-four-steps")
    assert rotating.steps == []
    rotating.rotate()
    _soon(lambda: rotating.value == {"n": 1})
    assert rotating.steps == ["createSecret", "setSecret", "testSecret", "finishSecret"]
    described = rotating.secrets.describe_secret(SecretId=rotating.name)
    assert described["RotationEnabled"]
    assert described["NextRotationDate"] > datetime.now(UTC) + timedelta(days=89)


@pytest.mark.parametrize("step", ["createSecret", "setSecret", "testSecret"])
def test_a_rotation_that_fails_leaves_what_was_and_may_be_repeated(
    endpoint: Endpoint, here: Here, step: str
) -> None:
    rotating = Rotating(endpoint, here, f"failing-at-{step}", step)
    for _ in range(2):
        rotating.steps.clear()
        rotating.rotate()
        _soon(lambda: rotating.steps[-1:] == [step])
        assert rotating.value == {"n": 0}
        # The next is taken when this one has been given up.
        time.sleep(0.05)


def test_a_token_names_one_value_for_ever(endpoint: Endpoint, here: Here) -> None:
    rotating, token = Rotating(endpoint, here, "of-one-value"), "0" * 32
    where = {"SecretId": rotating.name, "ClientRequestToken": token, "VersionStages": ["OTHER"]}
    rotating.secrets.put_secret_value(**where, SecretString="one")
    rotating.secrets.put_secret_value(**where, SecretString="one")
    with pytest.raises(ClientError, match="ResourceExistsException"):
        rotating.secrets.put_secret_value(**where, SecretString="another")
