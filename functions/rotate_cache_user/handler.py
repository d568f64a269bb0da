"""Rotates the cache user's password: the new one becomes valid beside the current one.

The one before that is withdrawn: the user has two at most, and by then no instance knows it.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError
from instances import Instances
from login import CacheError, log_in
from rotation import Value, password, patiently, rotate, seconds_left
from stored import code, required
from tls import endpoint, public_trust

_BUSY = ("InvalidUserState", "InvalidUserStateFault")


class _BusyError(Exception):
    """The user is still being modified."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Which user it is."""

    user_id: str
    address: tuple[str, int]
    """Host and port."""
    secret: str
    """The secret's name."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Reads the function's environment; a missing variable is a KeyError that names it."""
        return cls(
            user_id=environment["CACHE_USER"],
            address=endpoint(environment["CACHE_ENDPOINT"]),
            secret=f"{environment['SECRETS_PREFIX']}/cache",
        )


class CacheUser:
    """A user of ElastiCache, which has two passwords at most."""

    def __init__(
        self,
        settings: Settings,
        secrets: Any,
        elasticache: Any,
        instances: Instances,
        left: Callable[[], float],
    ) -> None:
        """Takes boto3's clients and the time left in seconds."""
        self._settings = settings
        self._secrets = secrets
        self._elasticache = elasticache
        self._instances = instances
        self._left = left

    def create(self, current: Value | None) -> Value:
        """A new password, once every instance has read the current one: the one before goes now."""
        self._instances.require_read(self._secrets, self._settings.secret)
        user = self._describe()["UserName"]
        return {**(current or {}), "username": user, "password": password(self._secrets)}

    def apply(self, before: Value | None, new: Value, confirm: Callable[[], None]) -> None:
        """Gives the user both passwords, in one call, when the user takes changes."""
        secret = self._settings.secret
        passwords = [required(value, secret, "password")[0] for value in (before, new) if value is not None]

        def attempt() -> None:
            confirm()
            try:
                self._elasticache.modify_user(
                    UserId=self._settings.user_id,
                    AuthenticationMode={"Type": "password", "Passwords": passwords},
                )
            except ClientError as error:
                if code(error) in _BUSY:
                    raise _BusyError(f"{self._settings.user_id} is being modified") from None
                raise

        patiently(attempt, _BusyError, self._left)

    def test(self, _before: Value | None, new: Value) -> None:
        """Logs in with the new password. ElastiCache takes a while to tell its nodes."""
        user, secret = required(new, self._settings.secret, "username", "password")

        def attempt() -> None:
            log_in(self._settings.address, user, secret, public_trust())

        patiently(attempt, CacheError, self._left)

    def finish(self) -> None:
        """Lets the instances read the new password."""
        self._instances.roll()

    def _describe(self) -> Mapping[str, Any]:
        return self._elasticache.describe_users(UserId=self._settings.user_id)["Users"][0]


def handler(event: Mapping[str, Any], context: object) -> None:
    """What Lambda calls.

    Raises:
        RotationError: the step was refused.
    """
    session: Any = boto3.Session()
    secrets = session.client("secretsmanager")
    instances = Instances(
        session.client("autoscaling"), session.client("ec2"), os.environ["APPLICATION_GROUP"]
    )
    settings, left = Settings.from_environment(os.environ), seconds_left(context)
    rotate(event, secrets, CacheUser(settings, secrets, session.client("elasticache"), instances, left))
