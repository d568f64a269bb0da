"""The versions of the launch template: each is baked for one release, which its description names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from operate.aws import code_of
from operate.stack import Stack

_RELEASE: Final = "Release "
"""How the program begins a version's description (`components/instances.py`)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """One version of the launch template."""

    number: str
    release: str
    """The release that its instances start."""


class Versions:
    """Asks for each version once: a version never changes."""

    def __init__(self, stack: Stack) -> None:
        self._ec2 = stack.client("ec2")
        self._template = stack.outputs["launch-template-id"]
        self._known: dict[str, str] = {}

    def release(self, number: str) -> str:
        """The release that a version starts."""
        if number not in self._known:
            self._known[number] = self._ask(number)
        return self._known[number]

    def newest(self) -> Version:
        """The newest version: the one that the program has written last."""
        (found,) = self._describe("$Latest")
        number = str(found["VersionNumber"])
        return Version(number=number, release=_release(found, number))

    def _ask(self, number: str) -> str:
        try:
            described = self._describe(number)
        except ClientError as error:
            if code_of(error) == "InvalidLaunchTemplateId.VersionNotFound":
                return f"version {number}, which is gone"
            raise
        return _release(described[0], number) if described else f"version {number}"

    def _describe(self, version: str) -> Sequence[Mapping[str, Any]]:
        answer = self._ec2.describe_launch_template_versions(
            LaunchTemplateId=self._template, Versions=[version]
        )
        return answer["LaunchTemplateVersions"]


def _release(described: Mapping[str, Any], number: str) -> str:
    return described.get("VersionDescription", "").removeprefix(_RELEASE) or f"version {number}"
