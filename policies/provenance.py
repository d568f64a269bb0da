"""Where a value comes from: a resource, a secret of the configuration, or the program's own text."""

from typing import Any, cast

from policies.view import UNKNOWN, Resource


def is_text_of_program(resource: Resource, path: str) -> bool:
    """Whether a property is known without any resource, and marked as secret nowhere.

    Where a value comes from is known to rules about the stack alone.
    """
    steps = tuple(path.split("."))
    return (
        _is_text(resource.raw(path))
        and not resource.property_dependencies.get(steps[0])
        and not resource.is_secret(path)
        and not any(inside[: len(steps)] == steps for inside in resource.secrets)
    )


def _is_text(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_is_text, cast("list[Any]", value)))
    return value is not UNKNOWN and isinstance(value, str | int | float) and value != ""
