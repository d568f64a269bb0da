"""How the inputs of a resource differ, by path, and whether that replaces the resource."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from facts.replacements import forces_replacement
from facts.sets import is_set
from preview.places import place_of
from preview.plan import Kind, PropertyChange
from preview.sameness import normal
from preview.values import Asset, Path, walk


def differences(token: str, old: Any, new: Any, path: Path = ()) -> Iterator[PropertyChange]:
    """How two values of a property differ, as deep as they have the same form.

    Args:
        token: the resource's type.
        old: the value before, as in `preview.values`.
        new: the value after.
        path: the way to it from the resource.
    """
    if old == new or normal(token, path, old) == normal(token, path, new):
        return
    if isinstance(old, Asset) and isinstance(new, Asset) and _same_content(old, new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        before, after = cast("Mapping[str, Any]", old), cast("Mapping[str, Any]", new)
        for name in sorted(before.keys() | after.keys()):
            yield from differences(token, before.get(name), after.get(name), (*path, name))
        return
    if isinstance(old, list) and isinstance(new, list):
        one, other = cast("list[Any]", old), cast("list[Any]", new)
        if is_set(token, place_of(token, path).names):
            old, new = (sorted(items, key=lambda item: normal(token, path, item)) for items in (one, other))
        elif len(one) == len(other):
            for index, (item, its_other) in enumerate(zip(one, other, strict=True)):
                yield from differences(token, item, its_other, (*path, index))
            return
    kind = Kind.ADD if old is None else Kind.DELETE if new is None else Kind.UPDATE
    inside = [*walk(old, path), *walk(new, path)]
    forcing = any(forces(token, deeper) for deeper, _ in inside)
    yield PropertyChange(path=path, kind=kind, old=old, new=new, forces=forcing)


def _same_content(old: Asset, new: Asset) -> bool:
    """Whether two files are the same: by their content where both are there, else by their names.

    What has yet to be built has a name that says what goes into it.
    """
    if old.digest and new.digest:
        return old.digest == new.digest
    return (old.kind, old.form, old.source) == (new.kind, new.form, new.source)


def forces(token: str, path: Path) -> bool:
    """Whether a new value at a path makes the provider replace the resource, as far as is known."""
    return forces_replacement(token, place_of(token, path).names)
