"""Programs of the environment, whose lines go where AWS' services put them: into a log group."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from botocore.exceptions import ClientError

from components import archives
from local.here import Here

Say = Callable[[str], None]


def log(here: Here, group: str, stream: str) -> Say:
    """What appends a line to a log stream, which is made if need be."""
    logs = here.client("logs")
    try:
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":  # pyright: ignore[reportTypedDictNotRequiredAccess]
            raise

    def say(line: str) -> None:
        event = {"timestamp": int(time.time() * 1000), "message": line}
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])

    return say


def unpack(source: str, folder: Path) -> None:
    """Lays out in a folder what the archive of `functions/<source>` holds."""
    for name, path in archives.files(source).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        # Not a link: Python would look for the others where the link leads to.
        shutil.copyfile(path, file)


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    cwd: Path,
    say: Say,
    started: Callable[["subprocess.Popen[str]"], None] = lambda _: None,
) -> int:
    """Runs a program to its end and says each of its lines; returns its status.

    Args:
        command: the program and its arguments.
        environment: all of its variables.
        cwd: where it works.
        say: is told what it prints, errors included.
        started: is told of the process, so that somebody may end it.
    """
    with subprocess.Popen(  # noqa: S603 (ours)
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A group of its own, so that who stops it stops what it has started too.
        start_new_session=True,
    ) as process:
        started(process)
        for line in process.stdout or ():
            if line.strip():
                say(line.rstrip())
    return process.returncode


def stop(process: "subprocess.Popen[str]") -> None:
    """Asks a program, and whatever it has started, to end."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
