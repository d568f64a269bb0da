"""Changes a stack's file as a person would: a value, or one entry more, and nothing else in it.

Comments, order and quotes stay as they are. What comes out is read again and has to say exactly what was
meant, and to be without mistake, before anything is written. Who changes the file commits it: nothing here
asks AWS or Pulumi.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any, Final, cast

import yaml

from infra.mistakes import ConfigurationError, Mistake
from infra.reading import ROOT, check_stack_file
from infra.yaml_file import Absent, KeyPath, at, parse, written

Value = str | int | bool | Mapping[str, str | int | bool]
"""What an edit writes: a plain value, or a mapping of them on one line."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9][\w./-]*")
"""Text that needs no quotes, if no reader takes it for something else."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Set:
    """The value at a path becomes another one."""

    path: KeyPath
    value: str | int | bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Add:
    """The mapping at a path gets one entry more, its last."""

    path: KeyPath
    key: str
    value: Value


Edit = Set | Add


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """What a stack's file says, and what it would say."""

    file: Path
    before: str
    after: str

    @property
    def difference(self) -> list[str]:
        """The lines that go, with `-` before them, and those that come, with `+`."""
        lines = unified_diff(self.before.splitlines(), self.after.splitlines(), n=0, lineterm="")
        return [line for line in lines if not line.startswith(("---", "+++", "@@"))]

    def write(self) -> None:
        """Puts the new file in the old one's place, all of it or nothing.

        Raises:
            ConfigurationError: the file is not any more what it was, or cannot be written.
        """
        if _text(self.file) != self.before:
            raise _refusal(self.file.name, "somebody has changed the file meanwhile: try again")
        try:
            _replace(self.file.resolve(), self.after)
        except OSError as error:
            raise _refusal(self.file.name, f"the file cannot be written: {error}") from None


def propose(stack: str, edits: Sequence[Edit], root: Path = ROOT) -> Proposal:
    """What a stack's file becomes by some edits. Nothing is written.

    Args:
        stack: the stack's name.
        edits: each at what the ones before have left.
        root: the project's folder.

    Raises:
        ConfigurationError: there is nothing to edit at a path, an entry is there already, the file is not
            written in a way that can be edited, or the result has mistakes.
    """
    file = root / f"Pulumi.{stack}.yaml"
    before = after = _text(file)
    for edit in edits:
        after = edited(after, edit, file.name)
    check_stack_file(stack, after, root)
    return Proposal(file=file, before=before, after=after)


def edited(text: str, edit: Edit, file: str) -> str:
    """A file's text after one edit.

    Guarantees that the project's reader finds the one change that was meant, and no other.

    Args:
        text: the file's.
        edit: the change.
        file: the file's name in messages.

    Raises:
        ConfigurationError: there is nothing to edit at the path, or it cannot be edited.
    """
    meant = _meant(parse(text, file).value, edit, file)
    node = _node(text, edit.path)
    after = _with_value(text, node, edit.value) if isinstance(edit, Set) else _with_entry(text, node, edit)
    try:
        # The order of keys and the types of values count as well.
        done = repr(parse(after, file).value) == repr(meant)
    except ConfigurationError:
        done = False
    if not done:
        raise _refusal(file, f"{written(edit.path)} is written in a way that can only be edited by hand")
    return after


def _meant(value: Any, edit: Edit, file: str) -> Any:
    """What the file says afterwards."""
    found = at(value, edit.path)
    if found is Absent:
        raise _refusal(file, f"there is no {written(edit.path)} to edit")
    if isinstance(edit, Set) and isinstance(found, dict | list):
        raise _refusal(file, f"{written(edit.path)} is no single value")
    if isinstance(edit, Add) and not isinstance(found, dict):
        raise _refusal(file, f"{written(edit.path)} is no mapping")
    if isinstance(edit, Add) and edit.key in found:
        raise _refusal(file, f"{written((*edit.path, edit.key))} is there already")
    after = deepcopy(value)
    if isinstance(edit, Set):
        at(after, edit.path[:-1])[edit.path[-1]] = edit.value
    else:
        at(after, edit.path)[edit.key] = edit.value
    return after


def _with_value(text: str, node: yaml.Node, value: Value) -> str:
    quoted = isinstance(node, yaml.ScalarNode) and node.style in {'"', "'"}
    new = json.dumps(value, ensure_ascii=False) if quoted and isinstance(value, str) else _rendered(value)
    return text[: node.start_mark.index] + new + text[node.end_mark.index :]


def _with_entry(text: str, node: yaml.Node, edit: Add) -> str:
    entries: Sequence[tuple[yaml.Node, yaml.Node]] = node.value
    entry = f"{edit.key}: {_rendered(edit.value)}"
    if not entries:
        return f"{text[: node.start_mark.index]}{{ {entry} }}{text[node.end_mark.index :]}"
    end = _end(entries[-1][1])
    if isinstance(node, yaml.MappingNode) and node.flow_style:
        return f"{text[:end]}, {entry}{text[end:]}"
    # Whatever comment follows the last entry on its line stays with it.
    end = text.find("\n", end)
    newline = "\r\n" if text[end - 1 : end] == "\r" else "\n"
    indent = " " * entries[0][0].start_mark.column
    if end < 0:
        return f"{text}{newline}{indent}{entry}{newline}"
    return f"{text[: end + 1]}{indent}{entry}{newline}{text[end + 1 :]}"


def _end(node: yaml.Node) -> int:
    """Where a value ends. A block ends for YAML only where the next thing begins, after all comments."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last: Any = node.value[-1]
        return _end(last[1] if isinstance(node, yaml.MappingNode) else last)
    return node.end_mark.index


def _rendered(value: Value) -> str:
    """A value as the stack files have it: text without quotes where every reader takes it for text."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return value if _is_plain(value) else json.dumps(value, ensure_ascii=False)
        case _:
            return f"{{ {', '.join(f'{key}: {_rendered(inner)}' for key, inner in value.items())} }}"


def _is_plain(text: str) -> bool:
    if not _PLAIN.fullmatch(text):
        return False
    try:
        return parse(f"key: {text}", "").value == {"key": text}
    except ConfigurationError:
        return False


def _node(text: str, path: KeyPath) -> yaml.Node:
    """What YAML has at a path that is known to exist. In Python, whose marks count characters."""
    node = cast("yaml.Node", yaml.compose(text, Loader=yaml.SafeLoader))  # pyright: ignore[reportUnknownMemberType] (its stubs do not say)
    for step in path:
        entries: Any = node.value
        node = entries[step] if isinstance(step, int) else next(v for k, v in entries if k.value == step)
    return node


def _text(file: Path) -> str:
    """A file's text with the ends of lines that it has."""
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise _refusal(file.name, "there is no such stack") from None
    except (OSError, UnicodeDecodeError) as error:
        raise _refusal(file.name, f"the file cannot be read: {error}") from None


def _replace(file: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "wb") as new:
            new.write(text.encode("utf-8"))
            new.flush()
            os.fsync(new.fileno())
        shutil.copymode(file, name)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _refusal(file: str, text: str) -> ConfigurationError:
    return ConfigurationError([Mistake(file, 0, text)])
