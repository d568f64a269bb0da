"""What a rule is: its metadata, and a pure predicate that says what is wrong with a resource.

    @rule(
        name="rds-instance-storage-encrypted",
        title="RDS instances are encrypted at rest",
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        controls=("RDS.3", "CIS 2.3.1"),
        types=("aws:rds/instance:Instance",),
        why="…", fix="…", link="…",
    )
    def storage_encrypted(instance: Resource) -> Problems:
        if not instance.flag("storageEncrypted", default=False):
            return "storage_encrypted is not on"
        return None

The predicate's signature says what it needs: a second positional argument is the whole stack, keyword-only
arguments are parameters of the pack by their names in `policies.parameters`.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal, final

STACK_TYPE: Final = "pulumi:pulumi:Stack"
"""The type of the stack itself, for a rule that judges the stack as a whole."""


class Severity(StrEnum):
    """How bad a violation is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Level(StrEnum):
    """What a violation does."""

    ADVISORY = "advisory"
    """It is reported."""
    MANDATORY = "mandatory"
    """It blocks."""
    DISABLED = "disabled"
    """The rule is not asked."""


@final
class OutOfScope:
    """The rule says nothing about this resource."""


OUT_OF_SCOPE: Final = OutOfScope()

Problems = str | Iterable[str] | OutOfScope | None
"""What is wrong, in short texts that contain no property's value; nothing where the resource complies."""

Predicate = Callable[..., Problems]

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A rule: what it wants, why, and how it decides."""

    name: str
    """In kebab-case, the service first."""
    title: str
    """What holds where it is kept."""
    severity: Severity
    level: Level
    """What a violation does unless the configuration says otherwise."""
    types: tuple[str, ...]
    """The tokens of the resource types that it judges."""
    why: str
    """What goes wrong without it."""
    fix: str
    """A Pulumi Python snippet of a resource that keeps it."""
    link: str
    """Where AWS says so."""
    predicate: Predicate
    controls: tuple[str, ...] = ()
    """The controls that it serves: `RDS.3` (FSBP), `CIS 2.3.1`."""
    scope: Literal["resource", "stack"] = "resource"
    """Whether a resource is enough, so that it blocks before one is made, or the whole stack is needed."""
    parameters: tuple[str, ...] = ()
    """The parameters that it reads, by their names in `policies.parameters`."""

    @property
    def service(self) -> str:
        """The first word of its name."""
        return self.name.partition("-")[0]

    def __str__(self) -> str:
        return self.name


def rule(
    *,
    name: str,
    title: str,
    severity: Severity,
    types: tuple[str, ...],
    why: str,
    fix: str,
    link: str,
    level: Level = Level.MANDATORY,
    controls: tuple[str, ...] = (),
) -> Callable[[Predicate], Rule]:
    """Makes a rule of a predicate; see this module's text. The arguments are those of `Rule`.

    Raises:
        TypeError: the predicate's arguments are none that a rule can be given.
    """

    def made(predicate: Predicate) -> Rule:
        arguments = inspect.signature(predicate).parameters.values()
        positional = [argument for argument in arguments if argument.kind in _POSITIONAL]
        if len(positional) not in (1, 2):
            raise TypeError(f"the predicate of {name} takes a resource, or a resource and the stack")
        return Rule(
            name=name,
            title=title,
            severity=severity,
            level=level,
            types=types,
            why=why,
            fix=inspect.cleandoc(fix),
            link=link,
            predicate=predicate,
            controls=controls,
            scope="resource" if len(positional) == 1 else "stack",
            parameters=tuple(argument.name for argument in arguments if argument not in positional),
        )

    return made


Settings = Mapping[str, Any]
"""The values of the pack's parameters, by name."""
