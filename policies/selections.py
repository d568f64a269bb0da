"""Which resources AWS Backup's plans select: by ARN, by a pattern of ARNs, or by tags.

https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
"""

from typing import Any, Final, cast

from policies.iam import matches
from policies.stack import Stack
from policies.view import UNKNOWN, Resource, UndecidedError, View, any_holds, one_holds

PLAN: Final = "aws:backup/plan:Plan"
SELECTION: Final = "aws:backup/selection:Selection"


def is_selected(resource: Resource, stack: Stack) -> bool:
    """Whether a plan of the stack selects a resource.

    Raises:
        UndecidedError: none certainly does, and one may.
    """
    return any_holds(
        lambda plan: any_holds(
            lambda selection: _selects(selection, resource, stack),
            stack.beside(plan, SELECTION, by="planId"),
        ),
        stack.all(PLAN),
    )


def _selects(selection: Resource, resource: Resource, stack: Stack) -> bool:
    if _names(selection, "notResources", resource, stack):
        return False
    return one_holds(
        lambda: any_holds(
            lambda tag: _tag(resource, tag.text("key")) == tag.text("value"),
            selection.objects("selectionTags"),
        ),
        lambda: _names(selection, "resources", resource, stack) and _meets_conditions(selection, resource),
    )


def _names(selection: Resource, by: str, resource: Resource, stack: Stack) -> bool:
    """Whether a list of ARNs and patterns names a resource."""
    return one_holds(
        lambda: any_holds(lambda pattern: _fits(pattern, resource), _known(selection, by)),
        lambda: _refers(selection, by, resource, stack),
    )


def _known(selection: Resource, by: str) -> list[str]:
    """The texts of a list that are known; what is not known yet is no pattern, but a reference."""
    value = selection.raw(by)
    items = cast("list[Any]", value if isinstance(value, list) else [value])
    return [item for item in items if isinstance(item, str)]


def _refers(selection: Resource, by: str, resource: Resource, stack: Stack) -> bool:
    found = stack.refers(selection, by, resource)
    if found is None:
        raise UndecidedError(f"{selection.name}: {by}")
    return found


def _fits(pattern: str, resource: Resource) -> bool:
    """Whether a pattern, `arn:aws:rds:*:*:db:*`, fits a resource's ARN, if that is known."""
    if pattern == "*":
        return True
    arn: Any = resource.outputs.raw("arn")
    if "*" in pattern and arn is UNKNOWN:
        raise UndecidedError("arn")
    return isinstance(arn, str) and matches(pattern, arn)


def _meets_conditions(selection: Resource, resource: Resource) -> bool:
    conditions = selection.object("conditions")
    return not any_holds(
        lambda test: any_holds(
            lambda condition: not _meets(test, condition, resource), conditions.objects(test)
        ),
        ("stringEquals", "stringLikes", "stringNotEquals", "stringNotLikes"),
    )


def _meets(test: str, condition: View, resource: Resource) -> bool:
    tag = _tag(resource, condition.text("key").rpartition("/")[2])
    wanted = condition.text("value")
    fits = matches(wanted, tag) if test.endswith("Likes") else tag == wanted
    return fits is not ("Not" in test)


def _tag(resource: Resource, key: str) -> str:
    """A tag of the resource, its provider's default tags included where they are known."""
    return resource.text(("tags", key)) or resource.outputs.text(("tagsAll", key))
