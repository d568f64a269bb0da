"""The logs' rotation: on the instances, and in the log groups that AWS makes by itself and never empties."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from operate import application, run_command
from operate.outputs import PROJECT
from operate.run_command import Ran
from operate.stack import Stack

_ROTATE: Final = """set -eu
logrotate --force /etc/logrotate.d/syncup
journalctl --quiet --rotate
journalctl --quiet --vacuum-time=7d
df --output=pcent / | tail -n 1
"""
"""Ends with how full the disk is. What is rotated away is in CloudWatch already."""
_MOST: Final = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A log group that keeps everything for ever."""

    name: str
    size_bytes: int


def endless(stack: Stack) -> Iterator[Group]:
    """The stack's log groups without a retention. The program's all have one: these are AWS' own."""
    pages = stack.client("logs").get_paginator("describe_log_groups").paginate()
    beginnings = (
        f"/{PROJECT}/{stack.name}/",
        f"/aws/lambda/{PROJECT}-{stack.name}-",
        f"/aws/rds/instance/{PROJECT}-{stack.name}-",
        f"/aws/rds/proxy/{PROJECT}-{stack.name}",
        f"/aws/codebuild/{PROJECT}-{stack.name}-",
    )
    for page in pages:
        for group in page["logGroups"]:
            if group["logGroupName"].startswith(beginnings) and "retentionInDays" not in group:
                yield Group(name=group["logGroupName"], size_bytes=group.get("storedBytes", 0))


def bound(stack: Stack, group: Group, days: int) -> None:
    """Lets a group forget what is older.

    Args:
        stack: the stack.
        group: one of `endless`.
        days: as long as the program's own groups remember.
    """
    stack.client("logs").put_retention_policy(logGroupName=group.name, retentionInDays=days)


def rotate(stack: Stack, left: timedelta) -> list[Ran]:
    """Rotates the logs on every instance that is in service, and says how full its disk is.

    Args:
        stack: the stack.
        left: how long it may take.
    """
    serving = [one.id for one in application.group(stack).instances if one.state == "InService"]
    return run_command.run(stack, serving, _ROTATE, min(left, _MOST)) if serving else []
