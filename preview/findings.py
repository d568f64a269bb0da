"""What is wrong with a declared resource."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """The rules that every resource is held against."""

    UNRESOLVED_TYPE = "unresolved-type"
    """No installed provider SDK has the type, so nothing can be said about it."""
    UNKNOWN_PROPERTY = "unknown-property"
    MISSING_PROPERTY = "missing-property"
    WRONG_TYPE = "wrong-type"
    NOT_ALLOWED = "value-not-allowed"
    """The value is none of those that the provider takes."""
    MISSING_PARENT = "missing-parent"
    DANGLING_REFERENCE = "dangling-reference"
    """It refers to a resource that is not declared."""
    MISSING_FILE = "missing-file"
    """It takes its content from a file that is not there."""
    UNSTABLE_PROGRAM = "unstable-program"
    """What the program declares depends on values that only the cloud will know."""


@dataclass(frozen=True, order=True, slots=True)
class Finding:
    """One thing that is wrong, where, and what would be right. It never contains a secret."""

    urn: str
    path: str
    """The property, in Python names (`block_device_mappings[0].ebs.volume_size`); empty for the resource."""
    rule: Rule
    problem: str
    suggestion: str = ""

    def __str__(self) -> str:
        place = ".".join(part for part in (self.urn.rpartition("::")[2], self.path) if part)
        return f"{place}: {self.problem}" + (f"; {self.suggestion}" if self.suggestion else "")
