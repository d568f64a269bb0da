"""The stack's secrets: what there is, how old it is, and new values for them.

Values come in and never go out: nothing that is returned or raised here has one in it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from botocore.exceptions import ClientError

from components import tool_secrets
from infra.guide import Guide
from operate import secret_values
from operate.aws import code_of, is_missing
from operate.errors import GuardError, OperationError, UsageError
from operate.outputs import PROJECT
from operate.stack import Stack

_CURRENT: Final = "AWSCURRENT"
_ARRIVING: Final = "SYNCUP_UPDATE"
"""The label of a new value until it takes over."""
_KEEPS_PREVIOUS: Final = ("NEXTAUTH_SECRET", "JWT_SECRET")
"""What they have signed stays valid while the value before stands beside them
(docs/application-contract.md)."""
_POLL_SECONDS: Final = 5
_PATIENCE_SECONDS: Final = 15 * 60
"""A rotation's function has five minutes, and Secrets Manager tries again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """One key of a secret."""

    name: str
    is_set: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Secret:
    """One secret, without what it holds."""

    name: str
    variables: Sequence[Variable]
    """The guide's, or a tool's; none for what only machines use."""
    rotates: bool
    """Whether a machine renews it."""
    changed: datetime | None
    age: timedelta | None
    next_rotation: datetime | None
    due: bool
    """Whether it is older than the guide allows, or has no value."""


def view(stack: Stack, guide: Guide) -> list[Secret]:
    """Every secret of the stack, by name.

    Args:
        stack: the stack.
        guide: which variables there are, and how old a value may become.
    """
    manager = stack.client("secretsmanager")
    groups = {_name(stack, name): variables for name, variables in _groups(guide).items()}
    now = stack.clock.now()
    return [
        _secret(
            entry,
            _variables(manager, entry["Name"], groups.get(entry["Name"], ())),
            now,
            guide.secrets.rotation,
        )
        for entry in _entries(stack)
    ]


def rotating(stack: Stack, group: str | None = None) -> list[str]:
    """The names of the secrets that a machine renews.

    Args:
        stack: the stack.
        group: only this one: `database`.

    Raises:
        UsageError: there is none of that name, or it is a person's to renew.
    """
    names = [entry["Name"] for entry in _entries(stack) if entry.get("RotationEnabled")]
    if group is None:
        return names
    if _name(stack, group) not in names:
        known = ", ".join(name.rpartition("/")[2] for name in names)
        raise UsageError(f"no machine rotates {group!r}: write one of {known}")
    return [_name(stack, group)]


def unseeded(stack: Stack) -> list[str]:
    """The names of those of them that have never had a value: their first rotation gives them one."""
    return [
        entry["Name"]
        for entry in _entries(stack)
        if entry.get("RotationEnabled")
        and not any(_CURRENT in stages for stages in entry.get("SecretVersionsToStages", {}).values())
    ]


def rotate(stack: Stack, name: str, say: Callable[[str], None]) -> None:
    """Has a secret rotated and waits until its new value holds.

    Args:
        stack: the stack.
        name: the secret's whole name.
        say: is told when it begins and ends.

    Raises:
        GuardError: a rotation of it is under way.
        OperationError: the new value does not come to hold.
    """
    manager = stack.client("secretsmanager")
    say(f"rotates {name}")
    try:
        version = manager.rotate_secret(SecretId=name, RotateImmediately=True)["VersionId"]
    except ClientError as error:
        if "previous rotation" in str(error):
            raise GuardError(
                f"a rotation of {name} is under way: wait for it, or see why it hangs"
            ) from error
        raise
    for _ in range(_PATIENCE_SECONDS // _POLL_SECONDS):
        stages: Mapping[str, Sequence[str]] = manager.describe_secret(SecretId=name).get(
            "VersionIdsToStages", {}
        )
        if _CURRENT in stages.get(version, ()):
            say(f"{name} has its new value")
            return
        stack.clock.sleep(_POLL_SECONDS)
    raise OperationError(
        f"{name} still has its former value after {_PATIENCE_SECONDS // 60} minutes: "
        "the log of its rotation's function says why, and the former value stays valid"
    )


def group_of(guide: Guide, key: str) -> str:
    """The name of the secret that a variable is in.

    Raises:
        UsageError: neither the guide nor a tool has such a variable, or it is no secret.
    """
    groups = _groups(guide)
    for name, variables in groups.items():
        if key in variables:
            return name
    known = ", ".join(variable for variables in groups.values() for variable in variables)
    raise UsageError(f"{key!r} is no secret of the guide: write one of {known}")


def of_application(key: str) -> bool:
    """Whether it is the application that reads a variable, and not a tool beside it."""
    return not any(key in variables for variables in tool_secrets.VARIABLES.values())


def _groups(guide: Guide) -> dict[str, Sequence[str]]:
    """What each secret holds that people give values: the guide's, and those of the environment's tools."""
    guides = {group.name: [variable.name for variable in group.secrets] for group in guide.secrets.groups}
    return {**guides, **tool_secrets.VARIABLES}


def update(stack: Stack, guide: Guide, key: str, value: str) -> None:
    """Gives a variable a new value. The value before is kept as Secrets Manager's previous one.

    Of two that change a secret at once, one is refused and nothing is lost.

    Args:
        stack: the stack.
        guide: which secret the variable is in.
        key: the variable.
        value: its new value.

    Raises:
        UsageError: the value cannot be right.
        GuardError: the secret changed meanwhile, or has this value already.
    """
    secret_values.check(key, value)
    name = _name(stack, group_of(guide, key))
    manager = stack.client("secretsmanager")
    before = _read(manager, name)
    values = dict(before.values) if before else {}
    if values.get(key) == value:
        raise GuardError(f"{key} has this value already: nothing was changed")
    if key in _KEEPS_PREVIOUS and key in values:
        values[f"{key}_PREVIOUS"] = values[key]
    text = json.dumps({**values, key: value})
    if before is None:
        manager.put_secret_value(SecretId=name, SecretString=text)
        return
    arriving = manager.put_secret_value(SecretId=name, SecretString=text, VersionStages=[_ARRIVING])
    _take_over(manager, name, arriving["VersionId"], before.version)


def _take_over(manager: Any, name: str, arriving: str, before: str) -> None:
    """Makes a version the current one, if the one that it was made from still is."""
    try:
        manager.update_secret_version_stage(
            SecretId=name, VersionStage=_CURRENT, MoveToVersionId=arriving, RemoveFromVersionId=before
        )
    except ClientError as error:
        if code_of(error) in {"InvalidParameterException", "InvalidRequestException"}:
            raise GuardError(
                f"{name} was changed by somebody else meanwhile: nothing was changed here"
            ) from error
        raise
    finally:
        # Without a label AWS forgets a version that nobody uses.
        manager.update_secret_version_stage(
            SecretId=name, VersionStage=_ARRIVING, RemoveFromVersionId=arriving
        )


@dataclass(frozen=True, slots=True)
class _Value:
    """What a secret holds."""

    version: str
    values: Mapping[str, str]

    def __repr__(self) -> str:
        """Without the values: this may stand in a traceback."""
        return f"_Value({self.version})"


def _read(manager: Any, name: str) -> _Value | None:
    """What a secret holds, or None where it has no value yet.

    Raises:
        OperationError: it holds something else than variables.
    """
    try:
        answer = manager.get_secret_value(SecretId=name)
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    try:
        read: Any = json.loads(answer.get("SecretString", ""))
    except ValueError:
        read = None
    if not isinstance(read, dict):
        # The parser's own error would carry the text that it could not read.
        raise OperationError(f"{name} does not hold a JSON object of variables, as the application wants it")
    return _Value(answer["VersionId"], cast("dict[str, str]", read))


def _entries(stack: Stack) -> list[Mapping[str, Any]]:
    pages = (
        stack.client("secretsmanager")
        .get_paginator("list_secrets")
        .paginate(Filters=[{"Key": "name", "Values": [_name(stack, "")]}])
    )
    found = [entry for page in pages for entry in page["SecretList"]]
    return sorted(found, key=lambda entry: str(entry["Name"]))


def _name(stack: Stack, group: str) -> str:
    return f"{PROJECT}/{stack.name}/{group}"


def _variables(manager: Any, name: str, variables: Sequence[str]) -> list[Variable]:
    if not variables:
        return []
    found = _read(manager, name)
    values: Mapping[str, str] = found.values if found else {}
    return [Variable(name=variable, is_set=bool(values.get(variable))) for variable in variables]


def _secret(
    entry: Mapping[str, Any], variables: Sequence[Variable], now: datetime, allowed: timedelta
) -> Secret:
    changed: datetime | None = entry.get("LastChangedDate")
    age = now - changed if changed else None
    return Secret(
        name=entry["Name"],
        variables=variables,
        rotates=bool(entry.get("RotationEnabled")),
        changed=changed,
        age=age,
        next_rotation=entry.get("NextRotationDate"),
        due=age is None or age > allowed or not all(variable.is_set for variable in variables),
    )
