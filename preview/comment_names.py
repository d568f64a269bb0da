"""How a comment names resources, and what happens to them."""

from collections.abc import Callable, Iterator
from typing import Final

from preview.graph import Resource
from preview.markdown import code
from preview.plan import Change, Operation, Plan
from preview.sdk_types import PROVIDER_PREFIX

SIGNS: Final = {
    Operation.CREATE: "+",
    Operation.UPDATE: "~",
    Operation.REPLACE: "±",
    Operation.DELETE: "-",
    Operation.READ: "<",
    Operation.IMPORT: "=",
    Operation.REFRESH: "~",
    Operation.FORGET: "x",
}
"""What an operation looks like, as in a difference."""

GOING: Final = (Operation.REPLACE, Operation.DELETE)
"""After which what was in the cloud is no longer there."""


def by_component(plan: Plan, wanted: Callable[[Resource, Change], bool]) -> Iterator[Resource]:
    """The resources that are wanted, those of one component together."""
    found = [r for r in plan.resources if wanted(r, plan.changes[r.urn])]
    yield from sorted(found, key=plan.outermost)


def named(resource: Resource) -> str:
    """Type as in Python, and name."""
    if resource.type.startswith(PROVIDER_PREFIX):
        return f"{code(resource.type.removeprefix(PROVIDER_PREFIX) + '.Provider')} {code(resource.name)}"
    provider, _, rest = resource.type.partition(":")
    path, _, name = rest.partition(":")
    service = path.partition("/")[0].replace("index", "")
    type_ = ".".join(part for part in ("" if provider == "aws" else provider, service, name) if part)
    return f"{code(type_)} {code(resource.name)}"


def within(plan: Plan, resource: Resource) -> str:
    """The outermost component that a resource is in, after a space; nothing where it is in none."""
    component = plan.outermost(resource)
    return f" in {code(component)}" if component else ""


def many(count: int, noun: str, plural: str = "") -> str:
    """A number with its noun."""
    return f"{count} {noun if count == 1 else plural or noun + 's'}"
