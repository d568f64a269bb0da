"""What a rule sees of a resource: its properties, read so that no input can make a rule crash.

Properties are the wire's (camelCase), whatever they came from: a preview without an engine, the engine's
analyzer protocol, or an exported state. Reading something unknown raises `Undecided`, which the evaluator
turns into the verdict *undecidable*. A value of the wrong type counts as absent, an absent one is what the
rule says the provider's default is.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar, cast, final

Path = str | tuple[str, ...]
"""Where a property stands: `metadataOptions.httpTokens`, or a tuple where a key may contain a dot."""

Steps = tuple[str | int, ...]
"""The way from a resource's inputs to a value."""


@final
class Unknown:
    """A value that only the cloud will know."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __reduce__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


class UndecidedError(Exception):
    """A rule needs a value that is not known yet."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path
        """Which value, as on the wire; what it belongs to comes first where that is another resource."""


class MalformedError(Exception):
    """A property holds a document that cannot be read, so that no rule about it can hold."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class View:
    """An object of a resource's properties: the whole of its inputs, or one inside them.

    No accessor raises anything but `UndecidedError`, whatever the properties are; `document` besides says
    what is no JSON.
    """

    __slots__ = ("_steps", "_value", "secrets")

    def __init__(self, value: Any, steps: Steps = (), secrets: frozenset[Steps] = frozenset()) -> None:
        """Makes a view of normalised values (`policies.normalise`).

        Args:
            value: the object. Anything else is an object without properties; `UNKNOWN` is one whose
                properties are all unknown.
            steps: where it stands in its resource.
            secrets: where the resource's secrets stand.
        """
        self._value: Any = value
        self._steps = steps
        self.secrets = secrets

    def raw(self, path: Path) -> Any:
        """The normalised value; `UNKNOWN` where it, or something around it, is unknown; None where absent.

        Meant for what is built on views; a rule reads with the accessors below.
        """
        value = self._value
        for step in _split(path):
            value = _inside(value, step)
            if value is None or value is UNKNOWN:
                return value
        return value

    def get(self, path: Path, default: Any = None) -> Any:
        """The value, whatever its type; `default` where it is absent.

        Raises:
            UndecidedError: the value, or something around it, is unknown.
        """
        value = self.raw(path)
        if value is UNKNOWN:
            raise self._undecided(path)
        return default if value is None else value

    def text(self, path: Path, default: str = "") -> str:
        """The text; a number is written out, anything else is `default`.

        Raises:
            UndecidedError: it is unknown.
        """
        return as_text(self.get(path), default)

    def flag(self, path: Path, *, default: bool) -> bool:
        """The truth value, also where it is written as text; anything else is `default`.

        Raises:
            UndecidedError: it is unknown.
        """
        value = self.get(path)
        if isinstance(value, str):
            value = {"true": True, "false": False}.get(value.strip().lower())
        return value if isinstance(value, bool) else default

    def number(self, path: Path, default: float) -> float:
        """The number, also where it is written as text; anything else is `default`.

        Raises:
            UndecidedError: it is unknown.
        """
        return as_number(self.get(path), default)

    def texts(self, path: Path) -> Iterator[str]:
        """The texts of a list; a single text is a list of one.

        What is known comes first, so that `"audit" in view.texts(...)` is decided where one of several
        is unknown and another is the one.

        Raises:
            UndecidedError: at the end, where the list or something in it is unknown.
        """
        items = self._items(path)
        for item in items:
            if isinstance(item, str | int | float) and not isinstance(item, bool):
                yield as_text(item)
        if any(item is UNKNOWN for item in items):
            raise self._undecided(path)

    def objects(self, path: Path) -> list["View"]:
        """The objects of a list, each a view; a single object is a list of one.

        An unknown one is a view whose every read is undecided: use `any_holds` and `all_hold`, so that
        a known one can decide.

        Raises:
            UndecidedError: the whole list is unknown.
        """
        steps = (*self._steps, *_split(path))
        found: list[View] = []
        for index, item in enumerate(self._items(path)):
            if item is UNKNOWN or isinstance(item, dict):
                found.append(View(item, (*steps, index), self.secrets))
        return found

    def object(self, path: Path) -> "View":
        """The object; one without properties where it is absent, one of unknown properties where unknown."""
        value = self.raw(path)
        if isinstance(value, list):
            value = _only(cast("list[Any]", value))
        return View(value, (*self._steps, *_split(path)), self.secrets)

    def count(self, path: Path) -> int:
        """How many items a list has, unknown ones included; a single value is one, an absent one none.

        Raises:
            UndecidedError: the whole list is unknown.
        """
        return len(self._items(path))

    def document(self, path: Path) -> "View":
        """What a JSON text says, or an object in its place; for a list, read the view's `objects(())`.

        Raises:
            UndecidedError: it is unknown.
            MalformedError: it is no JSON.
        """
        value = self.get(path)
        if isinstance(value, str) and value:
            value = _loaded(value)
            if value is None:
                raise MalformedError(self.where(path))
        return View(value, (*self._steps, *_split(path)), self.secrets)

    def names(self, path: Path = ()) -> tuple[str, ...]:
        """The names of an object's properties, without those that are nothing.

        Raises:
            UndecidedError: the object is unknown.
        """
        value = self.get(path) if path else self._value
        if value is UNKNOWN:
            raise self._undecided(path)
        if not isinstance(value, dict):
            return ()
        return tuple(key for key, item in cast("dict[str, Any]", value).items() if item is not None)

    def is_present(self, path: Path) -> bool:
        """Whether the property is given. An unknown value counts, an empty text, list or object does not.

        Raises:
            UndecidedError: something around it is unknown.
        """
        *around, last = _split(path)
        value = self._value
        for step in around:
            value = _inside(value, step)
        if value is UNKNOWN:
            raise self._undecided(path)
        value = _inside(value, last)
        return value is not None and value not in ("", [], {})

    def is_secret(self, path: Path) -> bool:
        """Whether the program marks the value, or something around it, as secret."""
        steps = (*self._steps, *_split(path))
        return any(steps[:depth] in self.secrets for depth in range(1, len(steps) + 1))

    def where(self, path: Path = ()) -> str:
        """The place as a message names it: `ingress[0].cidrBlocks`. It contains no value."""
        return written((*self._steps, *_split(path)))

    def _items(self, path: Path) -> list[Any]:
        value = self.get(path)
        if value is None:
            return []
        return cast("list[Any]", value) if isinstance(value, list) else [value]

    def _undecided(self, path: Path) -> UndecidedError:
        return UndecidedError(self.where(path))


def as_text(value: Any, default: str = "") -> str:
    """A text, or a number written out; `default` for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return default


def as_number(value: Any, default: float) -> float:
    """A number, or one written as text; `default` for anything else."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return default
    return int(value) if value == int(value) else value


def written(steps: Steps) -> str:
    """Steps as a message names them."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


_Item = TypeVar("_Item")


def any_holds(predicate: Callable[[_Item], bool], items: Iterable[_Item]) -> bool:
    """Whether one of the items fulfils the predicate; a known answer wins over an unknown one.

    Raises:
        UndecidedError: none certainly does, and one of them is undecided.
    """
    undecided: UndecidedError | None = None
    try:
        for item in items:
            try:
                if predicate(item):
                    return True
            except UndecidedError as error:
                undecided = undecided or error
    except UndecidedError as error:
        undecided = undecided or error
    if undecided:
        raise undecided
    return False


def all_hold(predicate: Callable[[_Item], bool], items: Iterable[_Item]) -> bool:
    """Whether every item fulfils the predicate; true where there is none.

    Raises:
        UndecidedError: none certainly does not, and one of them is undecided.
    """
    return not any_holds(lambda item: not predicate(item), items)


def each(problem: Callable[[_Item], str | None], items: Iterable[_Item]) -> Iterator[str]:
    """What is wrong with the items, one by one; an item that is undecided does not hide the others.

    Args:
        problem: says what is wrong with an item, if anything.
        items: the items.

    Raises:
        UndecidedError: at the end, where one of them is undecided.
    """
    undecided: UndecidedError | None = None
    try:
        for item in items:
            try:
                found = problem(item)
            except UndecidedError as error:
                undecided = undecided or error
            else:
                if found:
                    yield found
    except UndecidedError as error:
        undecided = undecided or error
    if undecided:
        raise undecided


def several(*checks: Callable[[], str | None]) -> Iterator[str]:
    """What several checks find, one by one; a check that is undecided does not hide the others.

    Raises:
        UndecidedError: at the end, where one of them is undecided.
    """
    return each(lambda check: check(), checks)


def one_holds(*conditions: Callable[[], bool]) -> bool:
    """Whether one of several conditions holds; a known answer wins over an unknown one.

    Raises:
        UndecidedError: none certainly holds, and one of them is undecided.
    """
    return any_holds(lambda condition: condition(), conditions)


def every_holds(*conditions: Callable[[], bool]) -> bool:
    """Whether all of several conditions hold; a known answer wins over an unknown one.

    Raises:
        UndecidedError: none certainly does not, and one of them is undecided.
    """
    return all_hold(lambda condition: condition(), conditions)


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The resource options that a rule may ask about. Property names as on the wire."""

    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    delete_before_replace: bool = False
    additional_secret_outputs: tuple[str, ...] = ()
    provider: str = ""
    """Which provider makes it, as its URN or reference; empty for one that nobody named."""


class Resource(View):
    """One resource: a view of its inputs, and what is known of it beside them."""

    __slots__ = (
        "account",
        "dependencies",
        "id",
        "name",
        "options",
        "outputs",
        "parent",
        "property_dependencies",
        "type",
        "urn",
    )

    def __init__(
        self,
        *,
        urn: str,
        type_token: str,
        inputs: Any,
        name: str = "",
        identifier: Any = UNKNOWN,
        outputs: Any = None,
        parent: str = "",
        dependencies: tuple[str, ...] = (),
        property_dependencies: Mapping[str, tuple[str, ...]] | None = None,
        options: Options | None = None,
        secrets: frozenset[Steps] = frozenset(),
        account: str = "",
    ) -> None:
        """Keeps normalised values.

        Args:
            urn: its URN.
            type_token: its type, `aws:rds/instance:Instance`.
            inputs: what the program declares.
            name: its logical name; without it, the URN's last part.
            identifier: the provider's identifier.
            outputs: what it has once it exists; without them, its inputs.
            parent: the parent's URN.
            dependencies: the URNs that it depends on.
            property_dependencies: the URNs that each input property comes from.
            options: its resource options.
            secrets: where the secrets of its inputs stand.
            account: the AWS account that it is in, where that is known.
        """
        super().__init__(inputs, (), secrets)
        self.urn = urn
        self.type = type_token
        self.name = name or urn.rpartition("::")[2]
        self.id: Any = identifier
        self.outputs = View(inputs if outputs is None else outputs)
        self.parent = parent
        self.dependencies = dependencies
        self.property_dependencies: Mapping[str, tuple[str, ...]] = property_dependencies or {}
        self.options = options or Options()
        self.account = account

    def declared_as(self, declared: "Resource") -> "Resource":
        """The same resource with what another account of it says of its inputs and options."""
        return Resource(
            urn=self.urn,
            type_token=self.type,
            name=self.name,
            inputs=declared.raw(()),
            identifier=self.id,
            outputs=self.outputs.raw(()),
            parent=self.parent,
            dependencies=self.dependencies,
            property_dependencies=self.property_dependencies,
            options=declared.options,
            secrets=declared.secrets,
            account=self.account,
        )

    def __repr__(self) -> str:
        return f"Resource({self.urn})"


@cache
def _loaded(text: str) -> Any:
    """The value of a JSON text, None where it is none. It is shared: nobody may change it."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


@cache
def _split(path: Path) -> tuple[str, ...]:
    if isinstance(path, tuple):
        return path
    return tuple(path.split(".")) if path else ()


def _inside(value: Any, step: str) -> Any:
    """What an object has by a name. A list of one object stands for the object."""
    if value is UNKNOWN:
        return UNKNOWN
    if isinstance(value, list):
        value = _only(cast("list[Any]", value))
        if value is UNKNOWN:
            return UNKNOWN
    return cast("dict[str, Any]", value).get(step) if isinstance(value, dict) else None


def _only(items: list[Any]) -> Any:
    return items[0] if len(items) == 1 else None
