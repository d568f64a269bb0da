"""AWS as the functions meet it in the tests: moto's secrets, and calls that can be the last ones."""

import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError
from moto.secretsmanager.models import secretsmanager_backends

_boto3: Any = boto3
_backends: Any = secretsmanager_backends
PREFIX = "syncup/test"
GROUP = "syncup-test-application"
REGION = "us-west-2"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


@cache
def client(service: str) -> Any:
    """A client of the service, for whichever test's moto is running: making one costs more than using it."""
    return _boto3.client(
        service,
        region_name=REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",  # noqa: S106 (none)
    )


class Killed(BaseException):
    """The function has ended here and now, as when Lambda stops it: no error, which something might catch."""


class Fuse:
    """Counts calls and ends the function before or after one of them has had its effect."""

    def __init__(self, blow_at: int | None = None) -> None:
        """`blow_at` counts moments from 0: two a call, before it and after it; None never blows."""
        self.blow_at = blow_at
        self.moments = 0

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self._pass()
        result = function(*args, **kwargs)
        self._pass()
        return result

    def _pass(self) -> None:
        moment, self.moments = self.moments, self.moments + 1
        if moment == self.blow_at:
            raise Killed


class Dead(Fuse):
    """Ends the function for good: whatever it would tidy up with has no effect any more."""

    def _pass(self) -> None:
        moment, self.moments = self.moments, self.moments + 1
        if self.blow_at is not None and moment >= self.blow_at:
            raise Killed


class Fused:
    """Any object whose methods go through a fuse: a client, a connection."""

    def __init__(self, target: Any, fuse: Fuse) -> None:
        self._target = target
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not callable(found):
            return found

        def fused(*args: Any, **kwargs: Any) -> Any:
            return self._fuse.call(found, *args, **kwargs)

        return fused


def put(client: Any, group: str, value: Mapping[str, str] | None) -> str:
    """Declares a secret of the environment, with a value or as the program leaves it: without."""
    name = f"{PREFIX}/{group}"
    if value is None:
        client.create_secret(Name=name)
    else:
        client.create_secret(Name=name, SecretString=json.dumps(value))
    return name


def value(client: Any, group: str, label: str = "AWSCURRENT") -> dict[str, str]:
    """The value that a label is on."""
    return json.loads(
        client.get_secret_value(SecretId=f"{PREFIX}/{group}", VersionStage=label)["SecretString"]
    )


class Secrets:
    """Moto's Secrets Manager, made to act as AWS' does while a secret rotates."""

    def __init__(self) -> None:
        self.client = client("secretsmanager")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def put_secret_value(self, **request: Any) -> Any:
        """AWS refuses another value under the token of a version that has one; moto replaces it."""
        version = self._versions(request["SecretId"]).get(request["ClientRequestToken"], {})
        if version.get("secret_string", request["SecretString"]) != request["SecretString"]:
            raise refusal("ResourceExistsException", "PutSecretValue")
        return self.client.put_secret_value(**request)

    def update_secret_version_stage(self, **request: Any) -> Any:
        """Of a secret without a current version moto cannot make one current."""
        versions = self._versions(request["SecretId"])
        if any("AWSCURRENT" in version["version_stages"] for version in versions.values()):
            return self.client.update_secret_version_stage(**request)
        versions[request["MoveToVersionId"]]["version_stages"].append(request["VersionStage"])
        return {}

    def begin(self, name: str) -> dict[str, str]:
        """Makes a version without a value, as AWS does before it calls the function; returns the event."""
        token = str(uuid.uuid4())
        secret = self._secret(name)
        secret.rotation_requested = secret.rotation_enabled = True
        for version in secret.versions.values():
            version["version_stages"] = [
                label for label in version["version_stages"] if label != "AWSPENDING"
            ]
        secret.versions[token] = {
            "createdate": int(time.time()),
            "version_id": token,
            "version_stages": ["AWSPENDING"],
        }
        return {"SecretId": name, "ClientRequestToken": token}

    def rotated(self, name: str, moment: float) -> None:
        """What AWS notes when a rotation has ended."""
        self._secret(name).last_rotation_date = moment

    def labels(self, name: str, token: str) -> list[str]:
        """Of a version."""
        return sorted(self.client.describe_secret(SecretId=name)["VersionIdsToStages"].get(token, []))

    def _secret(self, name: str) -> Any:
        return _backends["123456789012"][REGION].secrets[name]

    def _versions(self, name: str) -> Any:
        return self._secret(name).versions


def refusal(code: str, operation: str) -> ClientError:
    """What boto3 raises where AWS refuses."""
    return ClientError({"Error": {"Code": code, "Message": "refused"}}, operation)


class Group:
    """A double of an Auto Scaling group and of EC2, as far as a rotation asks them.

    Its instances are replaced at once, or when the test says so.
    """

    def __init__(
        self, size: int = 2, launch: Callable[[], Any] = object, end: Callable[[Any], object] = id
    ) -> None:
        """Args: how many instances; what starts one; what ends it."""
        self._launch, self._end = launch, end
        self._lock = threading.Lock()
        self.rolls = 0
        self.busy = False
        self.replaces = True
        self.before_roll: Callable[[], None] = lambda: None
        self.members: dict[str, tuple[datetime, Any]] = {}
        for _ in range(size):
            self._add()

    def _add(self) -> None:
        self.members[f"i-{uuid.uuid4().hex[:17]}"] = (datetime.now(UTC), self._launch())

    def start_instance_refresh(self, **request: Any) -> Any:
        """Replaces every instance."""
        assert request["AutoScalingGroupName"] == GROUP
        with self._lock:
            if self.busy:
                raise refusal("InstanceRefreshInProgress", "StartInstanceRefresh")
            self.rolls += 1
            self.before_roll()
            if self.replaces:
                for name, (_, running) in list(self.members.items()):
                    self._add()
                    del self.members[name]
                    self._end(running)
        return {"InstanceRefreshId": "refresh"}

    def describe_auto_scaling_groups(self, **_: Any) -> Any:
        """The group's instances."""
        instances = [{"InstanceId": name, "LifecycleState": "InService"} for name in self.members]
        return {"AutoScalingGroups": [{"Instances": instances}]}

    def describe_instances(self, **request: Any) -> Any:
        """When they were launched."""
        found = [
            {"InstanceId": name, "LaunchTime": self.members[name][0]}
            for name in request["InstanceIds"]
            if name in self.members
        ]
        return {"Reservations": [{"Instances": found}]}


def now() -> float:
    """The moment, in seconds since 1970, a little later than anything before."""
    time.sleep(0.001)
    return time.time()
