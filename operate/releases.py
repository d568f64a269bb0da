"""Which release is where: in the parameter, in the launch template, on the instances.

At rest all three say the same. Whatever changes the release reads this first, so that it goes on from
wherever an earlier one was interrupted.
"""

from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from components import contract
from operate import application, deployments, refresh
from operate.application import Group
from operate.aws import is_missing
from operate.errors import OperationError
from operate.launch_template import Version, Versions
from operate.refresh import Refresh
from operate.stack import Stack

_PART: Final = "release"
_LOOKED_AT: Final = 100
"""Deployments: as many as AWS gives at a time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """Which release is where."""

    wanted: str
    """What the parameter says, and so what the program bakes into the launch template."""
    newest: Version
    """The newest version of the launch template."""
    running: Version
    """The version that the group starts instances from."""
    group: Group
    refresh: Refresh | None
    """The replacement of instances that is under way, if one is."""
    arriving: str
    """The release that it brings in; empty where it brings in none."""
    started: frozenset[str]
    """The releases that the instances have started."""

    @property
    def settled(self) -> bool:
        """Whether all say the same, and nothing is under way that changes it."""
        return self.wanted == self.newest.release == self.running.release and not self.arriving

    @property
    def serves(self) -> bool:
        """Whether anybody is being served."""
        return self.group.serving > 0

    def runs(self, release: str) -> bool:
        """Whether every instance is of a release, and every new one will be."""
        return {self.running.release, *self.started} == {release}

    def all_from(self, number: str) -> bool:
        """Whether the group and each of its instances are of one version of the launch template."""
        instances = {instance.template_version for instance in self.group.instances}
        return {self.running.number, *instances} == {number}

    def __str__(self) -> str:
        return (
            f"the parameter says {self.wanted}, the launch template {self.newest.release}, "
            f"the instances {self.running.release}"
        )


def read(stack: Stack) -> State:
    """Which release is where, now."""
    versions, group, latest = Versions(stack), application.group(stack), refresh.latest(stack)
    under_way = latest if latest is not None and latest.is_under_way else None
    number = group.template_version
    return State(
        wanted=wanted(stack),
        newest=versions.newest(),
        running=Version(number=number, release=versions.release(number)),
        group=group,
        refresh=under_way,
        arriving=versions.release(under_way.version) if under_way and under_way.version else "",
        started=frozenset(
            versions.release(instance.template_version)
            for instance in group.instances
            if instance.template_version
        ),
    )


def wanted(stack: Stack) -> str:
    """What the parameter says.

    Raises:
        OperationError: there is none: the stack has not been bootstrapped.
    """
    name = stack.parameter(_PART)
    try:
        return stack.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    except ClientError as error:
        if is_missing(error):
            raise OperationError(
                f"there is no parameter {name}, which `syncup bootstrap {stack.name}` makes"
            ) from error
        raise


def want(stack: Stack, version: str) -> None:
    """Puts a release into the parameter."""
    stack.client("ssm").put_parameter(Name=stack.parameter(_PART), Value=version, Overwrite=True)


def before(stack: Stack, running: str) -> str:
    """The release that served before the one that runs, as the group remembers it.

    Whoever has gone back from a release does not come back to it by going back once more.

    Args:
        stack: the stack.
        running: the release that runs.

    Raises:
        OperationError: the group remembers none: AWS forgets after six weeks.
    """
    served: list[str] = []
    for one in reversed(deployments.recent(stack, _LOOKED_AT)):
        if one.status != refresh.SUCCESSFUL or not _is_release(one.release):
            continue
        if one.release in served:
            del served[served.index(one.release) :]
        served.append(one.release)
    if running in served:
        del served[served.index(running) :]
    if not served:
        raise OperationError(
            f"{stack.name} remembers no release before {running}: name one, "
            f"`syncup rollback {stack.name} VERSION`"
        )
    return served[-1]


def _is_release(text: str) -> bool:
    """Whether that is a release: not a restart, not a version of the template that is gone."""
    return text != deployments.RESTART and contract.RELEASE.fullmatch(text) is not None
