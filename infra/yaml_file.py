"""Reads a YAML file that people write: its value, and the line on which everything in it stands.

YAML has versions, and readers that differ: `yes`, `12:30`, `0755` and `2026-01-05` without quotes are
one thing to Pulumi's engine and another to other readers. Only spellings that every reader takes the
same way are accepted; the rest are mistakes that say what to write instead.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.mistakes import ConfigurationError, Mistake

KeyPath = tuple[str | int, ...]
"""Where something stands in a document: keys and list positions."""

# The parser in C is ten times as fast, but not every platform has it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_WORDS: Mapping[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
_OTHER_BOOLEANS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)")
_FRACTION = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_LIKE_A_NUMBER = re.compile(
    r"[-+]?(0[xob][0-9a-f_]+|[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"
    r"|([0-9][0-9_]*(\.[0-9_]*)?|\.[0-9][0-9_]*)(e[-+]?[0-9]+)?|\.inf|\.nan)",
    re.IGNORECASE,
)
_LIKE_A_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?")


@dataclass(frozen=True)
class Document:
    """What a file says."""

    file: str
    """The file's name, as messages give it."""
    value: Any
    """Mappings, lists, text, whole numbers, fractions, booleans and None."""
    lines: Mapping[KeyPath, int]
    secrets: frozenset[str] = frozenset()
    """Keys below which no message may show a value."""

    def line(self, path: KeyPath) -> int:
        """The line of what stands at `path`, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)


class Absent:
    """What stands where nothing stands."""


def at(value: Any, path: KeyPath) -> Any:
    """What stands at `path` inside `value`; `Absent` where nothing does."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return Absent
    return value


def read(path: Path) -> Document:
    """Reads a file.

    Raises:
        ConfigurationError: the file cannot be read, is no YAML, or says something that not every
            reader of YAML takes the same way.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigurationError([Mistake(path.name, 0, "the file is missing")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([Mistake(path.name, 0, f"the file cannot be read: {error}")]) from None
    return parse(text, path.name)


def parse(text: str, file: str) -> Document:
    """Reads YAML from text; `file` is its name in messages.

    Raises:
        ConfigurationError: as `read` does.
    """
    try:
        node = _compose(text)
    except yaml.MarkedYAMLError as error:
        raise ConfigurationError([_syntax(error, text, file)]) from None
    except yaml.YAMLError as error:
        raise ConfigurationError([Mistake(file, 0, f"this is no YAML: {_one_line(str(error))}")]) from None
    if node is None:
        raise ConfigurationError([Mistake(file, 0, "the file is empty")])
    reader = _Reader(file)
    value = reader.value(node, ())
    if reader.mistakes:
        raise ConfigurationError(reader.mistakes)
    return Document(file, value, reader.lines)


def _compose(text: str) -> yaml.Node | None:
    return yaml.compose(text, Loader=_LOADER)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] (its stubs do not say)


class _Reader:
    """Turns YAML's nodes into values, with a line for each."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[KeyPath, int] = {}
        self.mistakes: list[Mistake] = []
        self._open: set[int] = set()

    def value(self, node: yaml.Node, path: KeyPath) -> Any:
        self.lines.setdefault(path, _line(node))
        if id(node) in self._open:
            self._complain(node, f"{written(path)} contains itself by an alias: write it out")
            return None
        self._open.add(id(node))
        try:
            match node:
                case yaml.MappingNode():
                    return dict(self._entries(node, path))
                case yaml.SequenceNode():
                    items: list[yaml.Node] = node.value
                    return [self.value(item, (*path, index)) for index, item in enumerate(items)]
                case _:
                    return self._scalar(node, path)
        finally:
            self._open.discard(id(node))

    def _entries(self, node: yaml.MappingNode, path: KeyPath) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        entries: list[tuple[yaml.Node, yaml.Node]] = node.value
        for key_node, value_node in entries:
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(key_node, f"a key of {written(path)} is no text: write it as one word")
                continue
            key = str(key_node.value)
            if key == "<<":
                self._complain(key_node, f"{written(path)} merges another mapping: write its keys out")
            elif key in seen:
                first = f"the first is in line {seen[key]}"
                self._complain(key_node, f"{written((*path, key))} stands here twice ({first}): keep one")
            else:
                seen[key] = self.lines[*path, key] = _line(key_node)
                yield key, self.value(value_node, (*path, key))

    def _scalar(self, node: yaml.Node, path: KeyPath) -> Any:
        text = str(node.value)
        plain = isinstance(node, yaml.ScalarNode) and not node.style
        if not plain:
            return text
        if text.lower() in _WORDS and text in (text.lower(), text.title(), text.upper()):
            return _WORDS[text.lower()]
        if _WHOLE_NUMBER.fullmatch(text):
            return int(text)
        if _FRACTION.fullmatch(text):
            return float(text)
        if text.lower() in _OTHER_BOOLEANS:
            wanted = _OTHER_BOOLEANS[text.lower()]
            wrong = f'that is {wanted} to some readers of YAML and text to others: write {wanted} or "{text}"'
            self._complain(node, f"{written(path)} is {text}: {wrong}")
        elif _LIKE_A_NUMBER.fullmatch(text) or _LIKE_A_DATE.fullmatch(text):
            wrong = f'readers of YAML differ on what that is: write "{text}" for text, or a plain number'
            self._complain(node, f"{written(path)} is {text}: {wrong}")
        return text

    def _complain(self, node: yaml.Node, text: str) -> None:
        self.mistakes.append(Mistake(self.file, _line(node), text))


def written(path: KeyPath) -> str:
    """A path as messages write it: `syncup:network.zones[1]`. Pulumi's own `config` is not named."""
    steps = path[1:] if path[:1] == ("config",) else path
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".") or "the file"


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _syntax(error: yaml.MarkedYAMLError, text: str, file: str) -> Mistake:
    """The parser's complaint in one line, with the commonest causes in plain words."""
    context = error.context or ""
    # What goes wrong inside brackets is noticed where they should have ended: too late to be found.
    mark = error.context_mark if "flow" in context else error.problem_mark
    number = mark.line + 1 if mark else 0
    lines = text.splitlines()
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return Mistake(file, number, "the line begins with a tab: indent with spaces")
    if "single document" in context:
        return Mistake(file, number, "a second document begins here: one file, one document")
    hint = ", put what begins with # in quotes" if " #" in line else ""
    return Mistake(file, number, f"this is no YAML: {_one_line(error.problem or str(error))}{hint}")


def _one_line(text: str) -> str:
    return " ".join(text.split())
