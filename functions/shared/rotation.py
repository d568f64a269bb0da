"""The four steps in which Secrets Manager rotates a secret.

Each may end at any moment and be repeated, by itself or twice at once, with the same result.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from botocore.exceptions import ClientError
from stored import CURRENT, PENDING, PREVIOUS, code, read

Value = Mapping[str, Any]
_PASSWORD_LENGTH = 48
_RESERVE_SECONDS = 5.0
_PAUSE_SECONDS = 1.0


class RotationError(Exception):
    """The rotation cannot go on. The message says why and shows no value."""


class Rotator(Protocol):
    """What is particular about one secret."""

    def create(self, current: Value | None, /) -> Value:
        """A new value, that nothing knows yet. Changes nothing, and refuses where it is too early."""
        ...

    def apply(self, before: Value | None, new: Value, confirm: Callable[[], None], /) -> None:
        """Makes the new value valid beside the one before.

        Args:
            before: what the new value replaces; None where there is nothing.
            new: the value of the version that rotates.
            confirm: raises if that version has been given up meanwhile. To be called when nobody else
                can act any more.
        """
        ...

    def test(self, before: Value | None, new: Value, /) -> None:
        """Raises unless the new value does what the one before does."""
        ...

    def finish(self) -> None:
        """What follows when the pending value has become the current one."""
        ...


def rotate(event: Mapping[str, Any], client: Any, rotator: Rotator) -> None:
    """Does one step.

    Args:
        event: Secrets Manager's: `Step`, `SecretId`, `ClientRequestToken`.
        client: boto3's Secrets Manager.
        rotator: what is particular about the secret.

    Raises:
        RotationError: the version is not, or no longer, the one that rotates.
    """
    step, secret, token = event["Step"], event["SecretId"], event["ClientRequestToken"]
    active = _active(client, secret, token)
    match step:
        case "createSecret":
            _create(client, secret, token, rotator)
        case "setSecret":
            before, new = _before(client, secret, active=active), _new(client, secret, token)
            rotator.apply(before, new, lambda: _confirm(client, secret, token))
        case "testSecret":
            rotator.test(_before(client, secret, active=active), _new(client, secret, token))
        case "finishSecret":
            _new(client, secret, token)
            if not active:
                promote(client, secret, token)
            rotator.finish()
        case _:
            raise RotationError(f"{secret}: {step} is no step of a rotation")


def promote(client: Any, secret: str, version: str) -> None:
    """Makes a version the current one, whichever was before; nothing where it is already."""
    before = _current_version(client, secret)
    if before == version:
        return
    labels = {"SecretId": secret, "VersionStage": CURRENT, "MoveToVersionId": version}
    if before is not None:
        labels["RemoveFromVersionId"] = before
    try:
        client.update_secret_version_stage(**labels)
    except ClientError as error:
        # Somebody was quicker: fine, if it was with the same version.
        if code(error) != "InvalidParameterException" or _current_version(client, secret) != version:
            raise


def password(client: Any) -> str:
    """A new one of letters and digits, which stands in an address without escapes."""
    return client.get_random_password(PasswordLength=_PASSWORD_LENGTH, ExcludePunctuation=True)[
        "RandomPassword"
    ]


def patiently(
    attempt: Callable[[], None],
    failing: type[Exception],
    seconds_left: Callable[[], float],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Repeats an attempt that fails at first, as long as there is time.

    Args:
        attempt: what is tried.
        failing: what it raises while it is too early.
        seconds_left: until the function would be stopped.
        sleep: waits so many seconds.

    Raises:
        Exception: the last failure, when the time is up.
    """
    while True:
        try:
            attempt()
        except failing:
            if seconds_left() < _RESERVE_SECONDS + _PAUSE_SECONDS:
                raise
            sleep(_PAUSE_SECONDS)
        else:
            return


def seconds_left(context: Any) -> Callable[[], float]:
    """Reads a Lambda context's clock."""
    return lambda: context.get_remaining_time_in_millis() / 1000


def _create(client: Any, secret: str, token: str, rotator: Rotator) -> None:
    if read(client, secret, version=token) is not None:
        return
    value = rotator.create(read(client, secret))
    try:
        client.put_secret_value(
            SecretId=secret, ClientRequestToken=token, SecretString=json.dumps(value), VersionStages=[PENDING]
        )
    except ClientError as error:
        # Two at once: the other's value counts, and is complete.
        if code(error) != "ResourceExistsException":
            raise


def _active(client: Any, secret: str, token: str) -> bool:
    """Whether the version is the current one already.

    Raises:
        RotationError: it is neither that nor pending.
    """
    described = client.describe_secret(SecretId=secret)
    if not described.get("RotationEnabled"):
        raise RotationError(f"{secret} is not set to rotate")
    labels = described.get("VersionIdsToStages", {}).get(token)
    if labels is None:
        raise RotationError(f"{secret} has no version {token}")
    if CURRENT not in labels and PENDING not in labels:
        raise RotationError(f"{secret}: version {token} is not the one that rotates")
    return CURRENT in labels


def _confirm(client: Any, secret: str, token: str) -> None:
    _active(client, secret, token)


def _before(client: Any, secret: str, *, active: bool) -> Value | None:
    """What the new value replaces, or has replaced already: a repetition sees what the first time saw."""
    return read(client, secret, label=PREVIOUS if active else CURRENT)


def _new(client: Any, secret: str, token: str) -> Value:
    value = read(client, secret, version=token)
    if value is None:
        raise RotationError(f"{secret}: version {token} has no value yet, createSecret comes first")
    return value


def _current_version(client: Any, secret: str) -> str | None:
    versions = client.describe_secret(SecretId=secret).get("VersionIdsToStages", {})
    return next((version for version, labels in versions.items() if CURRENT in labels), None)
