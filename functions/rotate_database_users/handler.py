"""Rotates the application's database users: the idle one gets a new password, then becomes the application's.

The user in use is left alone, so that whoever is logged in, or logs in meanwhile, goes on.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import boto3
from botocore.exceptions import ClientError
from instances import Instances
from postgresql import LOCK, USERS, DatabaseError, connect, connect_master, literal, name, verifier
from rotation import RotationError, Value, password, patiently, promote, rotate, seconds_left
from stored import CURRENT, code, required
from tls import endpoint, public_trust

from operate.session import OWNER

_URL = "DATABASE_URL"
_SECRETS: Mapping[str, str] = dict(zip(USERS, ("database-app-a", "database-app-b"), strict=True))
"""By user, the secret from which the proxy knows its password."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Where everything is."""

    prefix: str
    """Of the secrets' names."""
    database: str
    instance: tuple[str, int]
    """Host and port."""
    proxy: tuple[str, int]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Reads the function's environment; a missing variable is a KeyError that names it."""
        return cls(
            prefix=environment["SECRETS_PREFIX"],
            database=environment["DATABASE_NAME"],
            instance=endpoint(environment["DATABASE_ENDPOINT"]),
            proxy=endpoint(environment["PROXY_ENDPOINT"]),
        )


class Users:
    """The two users and the secret with the address that the application reads."""

    def __init__(
        self,
        settings: Settings,
        secrets: Any,
        instances: Instances,
        left: Callable[[], float],
        token: str,
    ) -> None:
        """Takes boto3's Secrets Manager, the time left in seconds, and the version that rotates."""
        self._settings = settings
        self._secrets = secrets
        self._instances = instances
        self._left = left
        self._token = token

    def create(self, current: Value | None) -> Value:
        """The address with the other user, once every instance has read the one in use."""
        self._instances.require_read(self._secrets, self._secret("database"))
        user = idle(current)
        return {**(current or {}), _URL: self._url(current, user, password(self._secrets))}

    def apply(self, before: Value | None, new: Value, confirm: Callable[[], None]) -> None:
        """Sets the idle user's password in the database, then tells the proxy.

        Under a lock, since a set-up of the database sets passwords as well.
        """
        user, secret = login(new)
        if before is not None and login(before)[0] == user:
            raise RotationError(f"{user} is in use: its password stays as it is")
        settings = self._settings
        with connect_master(
            self._secrets, self._secret("database-master"), settings.instance, settings.database
        ) as connection:
            connection.run(f"SELECT pg_advisory_lock({LOCK})")
            confirm()
            if not connection.run("SELECT FROM pg_roles WHERE rolname = :user", user=user):
                raise RotationError(f"the database has no user {user}: set it up first")
            connection.run(f"ALTER ROLE {name(user)} PASSWORD {literal(verifier(secret))}")
            self._tell_proxy(user, secret)

    def test(self, _before: Value | None, new: Value) -> None:
        """Logs in through the proxy, as the application will, and works as the owner.

        The proxy takes a moment to see a secret's new version.
        """
        user, secret = login(new)
        settings = self._settings

        def attempt() -> None:
            with connect(settings.proxy, settings.database, user, secret, public_trust()) as connection:
                ((works_as,),) = connection.run("SELECT current_user::text")
            if works_as != OWNER:
                raise RotationError(f"{user} works as {works_as}, not as {OWNER}: set the database up first")

        patiently(attempt, DatabaseError, self._left)

    def finish(self) -> None:
        """Lets the instances read the new address."""
        self._instances.roll()

    def _tell_proxy(self, user: str, new: str) -> None:
        """The same version as that of the address, so that a repetition finds it."""
        secret = self._secret(_SECRETS[user])
        value = json.dumps({"username": user, "password": new})
        try:
            self._secrets.put_secret_value(
                SecretId=secret, ClientRequestToken=self._token, SecretString=value, VersionStages=[CURRENT]
            )
        except ClientError as error:
            if code(error) != "ResourceExistsException":
                raise
        promote(self._secrets, secret, self._token)

    def _url(self, current: Value | None, user: str, new: str) -> str:
        """What the address has beside user, password, host and database stays."""
        host, port = self._settings.proxy
        query = urlsplit(str(current[_URL])).query if current and _URL in current else ""
        return urlunsplit(
            ("postgresql", f"{user}:{new}@{host}:{port}", f"/{self._settings.database}", query, "")
        )

    def _secret(self, group: str) -> str:
        return f"{self._settings.prefix}/{group}"


def login(value: Value) -> tuple[str, str]:
    """User and password of an address."""
    (url,) = required(value, "the application's connection", _URL)
    parts = urlsplit(url)
    return parts.username or "", parts.password or ""


def idle(current: Value | None) -> str:
    """The user that the application does not use."""
    if current is None or _URL not in current:
        return USERS[0]
    return USERS[1] if login(current)[0] == USERS[0] else USERS[0]


def handler(event: Mapping[str, Any], context: object) -> None:
    """What Lambda calls.

    Raises:
        RotationError: the step was refused; what was valid before still is.
    """
    session: Any = boto3.Session()
    secrets = session.client("secretsmanager")
    instances = Instances(
        session.client("autoscaling"), session.client("ec2"), os.environ["APPLICATION_GROUP"]
    )
    users = Users(
        Settings.from_environment(os.environ),
        secrets,
        instances,
        seconds_left(context),
        event["ClientRequestToken"],
    )
    rotate(event, secrets, users)
