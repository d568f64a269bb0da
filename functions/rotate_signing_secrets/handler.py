"""Rotates the secrets that the application signs with. The previous ones stay beside them and stay valid."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import boto3
from instances import Instances
from rotation import RotationError, Value, password, rotate
from stored import required

_PREVIOUS = "_PREVIOUS"
"""docs/application-contract.md"""


class SigningSecrets:
    """Nobody but the application knows them: what is in the secret is what is valid."""

    def __init__(self, names: Sequence[str], secret: str, secrets: Any, instances: Instances) -> None:
        """Takes the variables' names, the secret's name and boto3's Secrets Manager."""
        self._names = names
        self._secret = secret
        self._secrets = secrets
        self._instances = instances

    def create(self, current: Value | None) -> Value:
        """New ones, and the current ones as previous, once every instance has read the current ones."""
        self._instances.require_read(self._secrets, self._secret)
        known = current or {}
        previous = {f"{name}{_PREVIOUS}": known[name] for name in self._names if name in known}
        return {**known, **previous, **{name: password(self._secrets) for name in self._names}}

    def apply(self, _before: Value | None, _new: Value, _confirm: Callable[[], None]) -> None:
        """Nothing: they are kept nowhere else."""

    def test(self, before: Value | None, new: Value) -> None:
        """Refuses a value that would end what has been signed until now.

        Raises:
            RotationError: the current secrets have changed since the new value was made.
        """
        required(new, self._secret, *self._names)
        for name in self._names:
            if before is not None and name in before and new.get(f"{name}{_PREVIOUS}") != before[name]:
                raise RotationError(f"{self._secret}: {name} has changed meanwhile, rotate again")

    def finish(self) -> None:
        """Lets the instances read the new ones."""
        self._instances.roll()


def handler(event: Mapping[str, Any], _context: object) -> None:
    """What Lambda calls.

    Raises:
        RotationError: the step was refused; what was valid before still is.
    """
    session: Any = boto3.Session()
    secrets = session.client("secretsmanager")
    instances = Instances(
        session.client("autoscaling"), session.client("ec2"), os.environ["APPLICATION_GROUP"]
    )
    names = os.environ["SIGNING_SECRETS"].split(",")
    secret = f"{os.environ['SECRETS_PREFIX']}/authentication"
    rotate(event, secrets, SigningSecrets(names, secret, secrets, instances))
