"""All resources of a stack, and which of them refer to which.

AWS splits what belongs together: a bucket's versioning is a resource beside the bucket. A rule asks for
what is beside a resource, and gets it whichever way it refers to the resource: by an identifier, a name or
an ARN that is known, or by a value that is still unknown but comes from the resource.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, cast

from policies.view import UNKNOWN, Path, Resource, UndecidedError

IDENTITIES: Final = (
    "arn",
    "id",
    "name",
    "bucket",
    "identifier",
    "clusterIdentifier",
    "replicationGroupId",
    "clusterId",
    "functionName",
    "keyId",
    "url",
    "domainName",
    "userName",
    "userId",
    "userGroupId",
    "vaultName",
    "fileSystemId",
    "accessPointId",
    "allocationId",
    "stageName",
    "targetArn",
)
"""The properties by which other resources call a resource."""

_Types = str | tuple[str, ...]


class Stack:
    """The resources of a stack. Relations are three-valued: what nobody can know yet is undecided."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        """Keeps the resources in their order."""
        self.resources = tuple(resources)
        self._identities: dict[str, tuple[frozenset[str], bool]] = {}

    @property
    def by_urn(self) -> Mapping[str, Resource]:
        """The resources by URN."""
        return self._by_urn

    @cached_property
    def _by_urn(self) -> dict[str, Resource]:
        return {resource.urn: resource for resource in self.resources}

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            found.setdefault(resource.type, []).append(resource)
        return found

    def all(self, *types: str) -> list[Resource]:
        """Every resource of the types."""
        return [resource for token in types for resource in self._by_type.get(token, ())]

    def beside(self, resource: Resource, types: _Types, by: Path | list[str]) -> Iterator[Resource]:
        """The resources of the types whose property `by` refers to a resource.

        What certainly refers to it comes first: with `any_holds`, or in a loop that ends with the first
        problem, a known one decides although another is unknown.

        Args:
            resource: what is referred to.
            types: the types, or the one type, of what refers to it.
            by: the property that refers (`bucket`, `vpcConfig.securityGroupIds`), a text or a list, or
                one in each object of a list (`origins.vpcOriginConfig.vpcOriginId`); several alternatives
                in a list, `["bucket", "targetBucket"]`.

        Raises:
            UndecidedError: at the end, where one may refer to it, but nobody can know yet.
        """
        yield from _certain_first(
            (side, self.refers(side, path, resource), path)
            for side in self.all(*_tuple(types))
            for path in _paths(by)
        )

    def behind(self, resource: Resource, by: Path, types: _Types) -> Iterator[Resource]:
        """The resources of the types that a resource's property refers to: the other way round.

        Raises:
            UndecidedError: at the end, where it may refer to one, but nobody can know yet.
        """
        yield from _certain_first(
            (target, self.refers(resource, by, target), by) for target in self.all(*_tuple(types))
        )

    def refers(self, side: Resource, by: Path, target: Resource) -> bool | None:
        """Whether a property of one resource refers to another; None where nobody can know yet."""
        value = side.raw(by)
        if value is None:
            value = list(_within_lists(side.raw(()), by if isinstance(by, tuple) else tuple(by.split("."))))
        if isinstance(value, list):
            return _any(self._names(item, side, by, target, many=True) for item in cast("list[Any]", value))
        return self._names(value, side, by, target, many=False)

    def _names(self, value: Any, side: Resource, by: Path, target: Resource, *, many: bool) -> bool | None:
        if value is UNKNOWN:
            return self._comes_from(side, by, target, many=many)
        if not isinstance(value, str) or not value:
            return False
        names, complete = self._called(target)
        if value in names or not names.isdisjoint(_in_arn(value)):
            return True
        if complete:
            return False
        # It may be one of the names that are not known yet, if it was made from them.
        return self._comes_from(side, by, target, many=many) is True

    def _comes_from(self, side: Resource, by: Path, target: Resource, *, many: bool) -> bool | None:
        """Whether an unknown value comes from a resource: by the nearest resources of its type behind it."""
        level = _sources(side, by)
        if not level:
            return None
        seen: set[str] = set()
        while level:
            same = [urn for urn in level if _type_of(urn) == target.type]
            if same:
                return target.urn in same and (many or len(same) == 1 or None)
            seen |= set(level)
            level = tuple(
                urn
                for source in level
                if source in self.by_urn
                for urn in self.by_urn[source].dependencies
                if urn not in seen
            )
        return False

    def _called(self, target: Resource) -> tuple[frozenset[str], bool]:
        """What a resource is called, and whether that is all."""
        found = self._identities.get(target.urn)
        if found is None:
            values = [target.id]
            for name in IDENTITIES:
                values += [target.raw((name,)), target.outputs.raw((name,))]
            known = frozenset(value for value in values if isinstance(value, str) and value)
            found = self._identities[target.urn] = known, UNKNOWN not in values
        return found


def _within_lists(value: Any, steps: tuple[str, ...]) -> Iterator[Any]:
    """What stands at the end of a path that leads through lists of objects."""
    if isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _within_lists(item, steps)
    elif not steps or value is UNKNOWN:
        yield value
    elif isinstance(value, dict):
        yield from _within_lists(cast("dict[str, Any]", value).get(steps[0]), steps[1:])


def _certain_first(found: Iterable[tuple[Resource, bool | None, Path]]) -> Iterator[Resource]:
    undecided: UndecidedError | None = None
    last: Resource | None = None
    for resource, refers, path in found:
        if refers and resource is not last:
            last = resource
            yield resource
        elif refers is None:
            undecided = undecided or UndecidedError(f"{resource.name}: {resource.where(path)}")
    if undecided:
        raise undecided


def _any(answers: Iterable[bool | None]) -> bool | None:
    found = list(answers)
    if True in found:
        return True
    return None if None in found else False


def _in_arn(value: str) -> Iterator[str]:
    """What an ARN may call a resource: its last part, or all after the type; a log group's ends in `:*`."""
    parts = value.removesuffix(":*").split(":", 5)
    if parts[0] == "arn" and len(parts) > 5:  # noqa: PLR2004 (an ARN's sixth part)
        yield re.split("[:/]", parts[5])[-1]
        yield parts[5].partition(":")[2]


def _sources(side: Resource, by: Path) -> tuple[str, ...]:
    """The URNs that a property's value comes from."""
    first = by[0] if isinstance(by, tuple) else by.partition(".")[0]
    return side.property_dependencies.get(first, ())


def _type_of(urn: str) -> str:
    """`urn:pulumi:stack::project::parent$type::name`."""
    parts = urn.split("::")
    return parts[2].rpartition("$")[2] if len(parts) > 2 else ""  # noqa: PLR2004 (the third part)


def _tuple(types: _Types) -> tuple[str, ...]:
    return (types,) if isinstance(types, str) else types


def _paths(by: Path | list[str]) -> tuple[Path, ...]:
    return tuple(by) if isinstance(by, list) else (by,)
