"""Who changes what after creation: the properties that are not the program's, and whose they are.

`up` leaves them as they are, the drift report calls their changes expected, and a test holds that
nothing here is managed. What is somebody else's from the start is not declared at all.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Owned:
    """One property that somebody else changes."""

    type: str
    property: str
    """Its path, in Python names."""
    owner: str
    why: str


OWNED: Final = (
    Owned(
        type="aws:autoscaling/group:Group",
        property="desired_capacity",
        owner="target tracking",
        why="it follows the load between the minimum and the maximum",
    ),
    Owned(
        type="aws:autoscaling/group:Group",
        property="suspended_processes",
        owner="syncup stop, syncup start",
        why="a stopped application stays stopped, whatever is changed around it",
    ),
    Owned(
        type="aws:autoscaling/group:Group",
        property="mixed_instances_policy.launch_template.launch_template_specification.version",
        owner="syncup deploy",
        why="an instance refresh brings in a version, and can go back to the one before",
    ),
    Owned(
        type="aws:elasticache/replicationGroup:ReplicationGroup",
        property="engine_version",
        owner="ElastiCache",
        why="it takes minor versions in the maintenance window, and to go back would be a replacement",
    ),
    Owned(
        type="aws:elasticache/user:User",
        property="authentication_mode",
        owner="the cache user's rotation",
        why="it holds the passwords, of which two are valid at a time",
    ),
    Owned(
        type="aws:elasticache/user:User",
        property="passwords",
        owner="the cache user's rotation",
        why="the older form of the same",
    ),
    Owned(
        type="aws:rds/instance:Instance",
        property="password",
        owner="the master user's rotation",
        why="it is set through RDS' own API, which needs no earlier one",
    ),
    Owned(
        type="aws:rds/instance:Instance",
        property="password_wo",
        owner="the master user's rotation",
        why="the first one is good until the first rotation",
    ),
)

UNDECLARED: Final[Mapping[str, str]] = {
    "aws:secretsmanager/secretVersion:SecretVersion": (
        "values are set by `syncup` or by a rotation; AWS drops a tracked version after two rotations, and "
        "the next `up` would put the first value back"
    ),
}
"""Types that the program never declares, and why."""

PARAMETERS: Final[Mapping[str, str]] = {
    "release": "the release that runs: `bootstrap` makes it, `syncup deploy` and `syncup rollback` change it",
    "operations/lock": "who is changing the stack: whoever changes it takes the lock and gives it back",
    "operations/good-revision": "the last revision that `syncup up` has proved, to which it goes back",
}
"""Parameters below `/syncup/<stack>/` that the program never declares, and whose they are."""


def not_managed() -> Mapping[str, tuple[str, ...]]:
    """The owned properties by type, as the engine's `ignoreChanges` takes them.

    The SDK translates the first name of a path alone, so whole paths are given as they are on the wire.
    """
    types = dict.fromkeys(owned.type for owned in OWNED)
    return {token: tuple(_wire(owned.property) for owned in OWNED if owned.type == token) for token in types}


def _wire(path: str) -> str:
    """`desiredCapacity` for `desired_capacity`, for every name in a path."""
    return re.sub("_([a-z])", lambda found: found[1].upper(), path)
