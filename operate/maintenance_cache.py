"""The cache's cleanup: run beside the application, which alone may log in to the cache."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from components import ports
from operate import application, cache_script, run_command
from operate.aws import LOCAL
from operate.errors import OperationError, RemoteError
from operate.stack import Stack

_ENVIRONMENT: Final = "/run/syncup/application.env"
"""components/templates/instance/environment.sh"""
_MOST: Final = timedelta(minutes=30)
_SECRET: Final = "cache"  # noqa: S105 (the secret's name)
_END: Final = "END_OF_SCRIPT"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cleaned:
    """What the walk through the cache found."""

    complete: bool
    """Whether it came to the end: if not, the time was up."""
    keys: int
    """That are alive."""
    without_expiry: int
    """Of these, how many stay until the application removes them."""
    expired: int
    """Keys that went while it walked: their time was over."""
    evicted_ever: int
    """Keys that went for want of memory since the server began."""
    bytes_before: int
    bytes_after: int


def clean(stack: Stack, left: timedelta) -> Cleaned:
    """Walks through the cache once, so that what has expired gives its memory back.

    Args:
        stack: the stack.
        left: how long it may take.

    Raises:
        OperationError: no instance runs that could do it.
        RemoteError: it failed there, with its last line.
    """
    within = min(left, _MOST)
    if stack.name == LOCAL:
        with _local(stack) as here:
            return _cleaned(cache_script.clean(here, within.total_seconds()))
    serving = [one.id for one in application.group(stack).instances if one.state == "InService"]
    if not serving:
        raise OperationError(f"no instance of {stack.name} is in service, and only they reach the cache")
    # Some time is for Systems Manager itself.
    seconds = int(within.total_seconds() * 0.8)
    (ran,) = run_command.run(stack, serving[:1], script(seconds), within)
    if not ran.fine:
        raise RemoteError(f"the cleanup on {ran.instance} ended with {ran.status}: {ran.says or 'no word'}")
    try:
        return _cleaned(json.loads(ran.says.splitlines()[-1]))
    except (ValueError, TypeError, IndexError) as error:
        raise RemoteError(f"the cleanup on {ran.instance} does not say what it did") from error


def script(seconds: int) -> str:
    """What the instance's shell is given: the program itself, and no secret."""
    program = Path(cache_script.__file__).read_text(encoding="utf-8")
    arguments = f"{shlex.quote(_ENVIRONMENT)} {seconds}"
    return f"python3 - {arguments} <<'{_END}'\n{program}\n{_END}\n"


def _cleaned(found: Mapping[str, Any]) -> Cleaned:
    return Cleaned(**found)


def _local(stack: Stack) -> cache_script.Cache:
    host, _, port = stack.outputs["cache-endpoint"].partition(":")
    name = f"syncup/{LOCAL}/{_SECRET}"
    text = stack.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    try:
        value = json.loads(text)
        environment = {"CACHE_USERNAME": value["username"], "CACHE_PASSWORD": value["password"]}
    except (ValueError, KeyError, TypeError):
        raise OperationError(f"the secret {name} lacks username and password") from None
    where = {"CACHE_HOST": host, "CACHE_PORT": port or str(ports.CACHE), "CACHE_TLS": "false"}
    try:
        return cache_script.Cache({**environment, **where})
    except (OSError, RuntimeError) as error:
        raise RemoteError(f"the cache at {host} does not let in: {error}") from None
