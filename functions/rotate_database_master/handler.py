"""Rotates the master user's password through RDS' API, which needs no earlier one."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from postgresql import DatabaseError, connect
from rotation import Value, password, patiently, rotate, seconds_left
from stored import required
from tls import endpoint, instance_trust


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Which instance it is."""

    identifier: str
    address: tuple[str, int]
    """Host and port."""
    database: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Reads the function's environment; a missing variable is a KeyError that names it."""
        return cls(
            identifier=environment["DATABASE_INSTANCE"],
            address=endpoint(environment["DATABASE_ENDPOINT"]),
            database=environment["DATABASE_NAME"],
        )


class Master:
    """The master user. Nobody is logged in as it but functions, which try the pending password too."""

    def __init__(self, settings: Settings, secrets: Any, rds: Any, left: Callable[[], float]) -> None:
        """Takes boto3's clients and the time left in seconds."""
        self._settings = settings
        self._secrets = secrets
        self._rds = rds
        self._left = left

    def create(self, current: Value | None) -> Value:
        """The user's name as RDS has it, and a new password."""
        described = self._rds.describe_db_instances(DBInstanceIdentifier=self._settings.identifier)
        user = described["DBInstances"][0]["MasterUsername"]
        return {**(current or {}), "username": user, "password": password(self._secrets)}

    def apply(self, _before: Value | None, new: Value, confirm: Callable[[], None]) -> None:
        """Tells RDS, which sets it within a minute."""
        (secret,) = required(new, "the master user's new value", "password")
        confirm()
        self._rds.modify_db_instance(
            DBInstanceIdentifier=self._settings.identifier, MasterUserPassword=secret, ApplyImmediately=True
        )

    def test(self, _before: Value | None, new: Value) -> None:
        """Logs in with it."""
        user, secret = required(new, "the master user's new value", "username", "password")
        settings = self._settings

        def attempt() -> None:
            with connect(settings.address, settings.database, user, secret, instance_trust()) as connection:
                connection.run("SELECT 1")

        patiently(attempt, DatabaseError, self._left)

    def finish(self) -> None:
        """Nothing: whoever needs it reads it each time."""


def handler(event: Mapping[str, Any], context: object) -> None:
    """What Lambda calls.

    Raises:
        RotationError: the step was refused.
    """
    session: Any = boto3.Session()
    secrets = session.client("secretsmanager")
    settings = Settings.from_environment(os.environ)
    rotate(event, secrets, Master(settings, secrets, session.client("rds"), seconds_left(context)))
