"""A way to the database from outside: a Session Manager session that forwards a port through the bastion.

AWS' plugin carries it. The session's token reaches the plugin by its environment, never by its command
line, which everybody on the machine can read.
https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html
"""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from operate.errors import OperationError, RemoteError
from operate.stack import Stack

PLUGIN: Final = "session-manager-plugin"
DOCUMENT: Final = "AWS-StartPortForwardingSessionToRemoteHost"
_RESPONSE_VARIABLE: Final = "AWS_SSM_START_SESSION_RESPONSE"
_SINCE: Final = (1, 2, 497, 0)
"""From this version on the plugin takes the token from its environment.
https://docs.aws.amazon.com/systems-manager/latest/userguide/plugin-version-history.html"""
_START_SECONDS: Final = 20
_POLL_SECONDS: Final = 0.1
_LOCALHOST: Final = "127.0.0.1"
Address = tuple[str, int]


@contextmanager
def through_bastion(stack: Stack, target: Address) -> Generator[Address]:
    """An address of this machine that leads to the target, until the block ends.

    Args:
        stack: whose bastion is gone through.
        target: host and port, as the bastion reaches them.

    Raises:
        OperationError: the plugin is missing or too old.
        RemoteError: the session does not come about.
    """
    plugin = _plugin()
    here = (_LOCALHOST, _free_port())
    host, port = target
    parameters = {"host": [host], "portNumber": [str(port)], "localPortNumber": [str(here[1])]}
    bastion = stack.outputs["bastion-instance"]
    ssm = stack.client("ssm")
    session = ssm.start_session(Target=bastion, DocumentName=DOCUMENT, Parameters=parameters)
    request = {"Target": bastion, "DocumentName": DOCUMENT, "Parameters": parameters}
    try:
        with _running(plugin, stack, session, request) as process:
            _wait(process, here)
            yield here
    finally:
        ssm.terminate_session(SessionId=session["SessionId"])


@contextmanager
def _running(
    plugin: str, stack: Stack, session: dict[str, Any], request: dict[str, Any]
) -> Generator["subprocess.Popen[bytes]"]:
    response = {name: session[name] for name in ("SessionId", "TokenValue", "StreamUrl")}
    region = stack.outputs["region"]
    command = [plugin, _RESPONSE_VARIABLE, region, "StartSession", "", json.dumps(request)]
    process = subprocess.Popen(  # noqa: S603 (AWS' plugin)
        [*command, f"https://ssm.{region}.amazonaws.com"],
        env={**os.environ, _RESPONSE_VARIABLE: json.dumps(response)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # An interrupt is ours to handle: the plugin goes when the work with it has ended.
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", here: Address) -> None:
    """Until the plugin listens. It connects further only when somebody comes."""
    end = time.monotonic() + _START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(here) == 0:
                return
        if process.poll() is not None:
            raise RemoteError(
                f"the session through the bastion ended at once ({PLUGIN} says {process.returncode}): "
                "is its agent running?"
            )
        if time.monotonic() > end:
            raise RemoteError(f"the session through the bastion is not there after {_START_SECONDS} s")
        time.sleep(_POLL_SECONDS)


def _plugin() -> str:
    """The plugin's path."""
    found = shutil.which(PLUGIN)
    if found is None:
        raise OperationError(
            f"{PLUGIN} is not installed, which carries the tunnel: install it, or work with --direct where "
            "the database can be reached"
        )
    said = subprocess.run(  # noqa: S603 (AWS' plugin)
        [found, "--version"], check=False, capture_output=True, text=True, timeout=_START_SECONDS
    ).stdout
    version = re.match(r"(\d+)\.(\d+)\.(\d+)\.(\d+)", said.strip())
    if version is None or tuple(map(int, version.groups())) < _SINCE:
        oldest = ".".join(map(str, _SINCE))
        raise OperationError(f"{PLUGIN} is older than {oldest}: it would show the session's token, renew it")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOCALHOST, 0))
        return probe.getsockname()[1]
