"""What an EC2 instance type's name says. No Pulumi here."""

import re
from enum import StrEnum

_FORM = re.compile(
    r"(?P<family>[a-z]+(?:-[a-z0-9]+)?)(?P<generation>\d+)?(?P<options>[a-z0-9-]*)"
    r"\.(?P<size>nano|micro|small|medium|large|xlarge|\d+xlarge|metal(?:-\d+xl)?)"
)


class Architecture(StrEnum):
    """The processor that images and packages have to fit."""

    ARM64 = "arm64"
    X86_64 = "x86_64"


def architecture(instance_type: str) -> Architecture:
    """The processor of an instance type, which its name tells.

    A `g` after the generation stands for Graviton; `a1` is older than that rule.
    https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html

    Raises:
        ValueError: the name is not of an instance type's form.
    """
    found = _FORM.fullmatch(instance_type)
    if found is None:
        raise ValueError("this is no instance type, write one such as m7g.large")
    graviton = "g" in found["options"] or found["family"] + (found["generation"] or "") == "a1"
    return Architecture.ARM64 if graviton else Architecture.X86_64
