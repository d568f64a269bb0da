"""Secrets as the functions read them: JSON objects in versions that carry labels. Values are never logged."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

CURRENT = "AWSCURRENT"
PENDING = "AWSPENDING"
PREVIOUS = "AWSPREVIOUS"


class SecretError(Exception):
    """A secret has no value where it needs one, or a value of another form. The message names it."""


def read(client: Any, secret: str, *, label: str = CURRENT, version: str | None = None) -> Any:
    """The value of a secret's version, decoded; None where there is no such version or it has no value.

    Args:
        client: boto3's Secrets Manager.
        secret: its name or ARN.
        label: of the version.
        version: its identifier, instead of the label.

    Raises:
        SecretError: the value is no JSON object. The message does not show it.
    """
    which = {"VersionStage": label} if version is None else {"VersionId": version}
    try:
        text = client.get_secret_value(SecretId=secret, **which).get("SecretString")
    except ClientError as error:
        if code(error) == "ResourceNotFoundException":
            return None
        raise
    if text is None:
        return None
    try:
        value: Any = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise SecretError(f"{secret}: the value of {version or label} is no JSON object")
    return value  # pyright: ignore[reportUnknownVariableType] (JSON)


def required(value: Mapping[str, Any] | None, secret: str, *keys: str) -> tuple[str, ...]:
    """The texts under the keys of a secret's value.

    Raises:
        SecretError: there is no value yet, or a key is missing in it.
    """
    if value is None:
        raise SecretError(f"{secret} has no value yet: rotate it first")
    missing = [key for key in keys if not isinstance(value.get(key), str)]
    if missing:
        raise SecretError(f"{secret} lacks {', '.join(missing)}")
    return tuple(value[key] for key in keys)


def code(error: ClientError) -> str:
    """The name that AWS has for the error."""
    response: Any = error.response
    return response["Error"]["Code"]
