"""A stack's configuration as the engine would hand it to the program: text by key.

The engine reads YAML 1.2 with a few habits of 1.1, makes text of everything, and JSON of what is no
single value. https://www.pulumi.com/docs/iac/concepts/config/ describes the files.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import yaml

SECRET_DUMMY = "[secret]"  # noqa: S105 (stands for a value that is not there)
"""What stands for an encrypted value, which only the engine can open."""


class ConfigurationFileError(Exception):
    """A project or stack file is missing or no YAML. The message begins with its name and the line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectFile:
    """What `Pulumi.yaml` says."""

    name: str
    main: str
    """The program's folder, from the project's; empty where it is the same."""
    defaults: Mapping[str, Any]
    """Configuration for every stack that does not say otherwise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Configuration:
    """A stack's configuration."""

    values: Mapping[str, str]
    secret_keys: frozenset[str]
    """The keys whose values, or parts of them, are encrypted."""


def read_project(directory: Path) -> ProjectFile:
    """Reads `Pulumi.yaml`.

    Raises:
        ConfigurationFileError: it is missing, no YAML, or has no name.
    """
    file = directory / "Pulumi.yaml"
    document = _read(file)
    name = document.get("name")
    if not isinstance(name, str):
        raise ConfigurationFileError(f"{file.name}: name is missing: write the project's name")
    return ProjectFile(name=name, main=document.get("main") or "", defaults=document.get("config") or {})


def read_configuration(directory: Path, project: ProjectFile, stack: str) -> Configuration:
    """Reads a stack's file over the project's defaults.

    Raises:
        ConfigurationFileError: there is no such stack, or its file is no YAML.
    """
    file = directory / f"Pulumi.{stack}.yaml"
    if not file.is_file():
        stacks = sorted(path.name.split(".")[1] for path in directory.glob("Pulumi.*.yaml"))
        remedy = f"the stacks are {', '.join(stacks)}" if stacks else "make it with `pulumi stack init`"
        raise ConfigurationFileError(f"{file.name}: there is no stack {stack}: {remedy}")
    defaults = {key: _default(value) for key, value in project.defaults.items()}
    given: dict[str, Any] = {**defaults, **(_read(file).get("config") or {})}
    named = {key if ":" in key else f"{project.name}:{key}": value for key, value in given.items()}
    return Configuration(
        values={key: as_text(_opened(value)) for key, value in sorted(named.items())},
        secret_keys=frozenset(key for key, value in named.items() if _has_secret(value)),
    )


def as_text(value: Any) -> str:
    """A value as the engine writes it: JSON without spaces, or the value alone."""
    match value:
        case str():
            return value
        case None:
            return ""
        case _:
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            return "".join(_JSON_ESCAPES.get(character, character) for character in text)


_JSON_ESCAPES = {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
"""What Go's JSON escapes beside what every JSON does; all of it stands only inside texts."""


def _default(value: Any) -> Any:
    """A project's default: either the value alone, or described with a type."""
    if isinstance(value, Mapping):
        described = cast("Mapping[str, Any]", value)
        return described.get("value", described.get("default"))
    return value


def _opened(value: Any) -> Any:
    """The value with a dummy for everything encrypted in it."""
    match value:
        case {"secure": str()} if len(cast("dict[str, Any]", value)) == 1:
            return SECRET_DUMMY
        case dict():
            return {str(key): _opened(item) for key, item in cast("dict[Any, Any]", value).items()}
        case list():
            return [_opened(item) for item in cast("list[Any]", value)]
        case _:
            return value


def _has_secret(value: Any) -> bool:
    match value:
        case {"secure": str()} if len(cast("dict[str, Any]", value)) == 1:
            return True
        case dict():
            return any(_has_secret(item) for item in cast("dict[Any, Any]", value).values())
        case list():
            return any(_has_secret(item) for item in cast("list[Any]", value))
        case _:
            return False


def _read(file: Path) -> dict[str, Any]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigurationFileError(f"{file.name}: the file is missing") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationFileError(f"{file.name}: the file cannot be read: {_one_line(error)}") from None
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader)
    except yaml.MarkedYAMLError as error:
        raise ConfigurationFileError(_syntax(file.name, text, error)) from None
    except (ValueError, yaml.YAMLError) as error:
        raise ConfigurationFileError(f"{file.name}: this is no YAML: {_one_line(error)}") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ConfigurationFileError(f"{file.name}:1: this is no mapping: write keys with their values")
    return cast("dict[str, Any]", document)


def _syntax(file: str, text: str, error: yaml.MarkedYAMLError) -> str:
    """The parser's complaint in one line, with the commonest cause in plain words."""
    # What goes wrong inside brackets is noticed where they should have ended: too late to be found.
    mark = error.context_mark if "flow" in (error.context or "") else error.problem_mark
    if mark is None:
        return f"{file}: this is no YAML: {_one_line(error)}"
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return f"{file}:{mark.line + 1}: the line begins with a tab: indent with spaces"
    return f"{file}:{mark.line + 1}: this is no YAML: {_one_line(error.problem or error)}"


def _one_line(problem: object) -> str:
    return " ".join(str(problem).split())


_PLAIN: Mapping[str, str] = {
    "null": "~|null|Null|NULL|",
    "bool": "true|True|TRUE|false|False|FALSE",
    "int": "[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0o[0-7_]+|[0-9][0-9_]*)",
    "float": r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?",
    "timestamp": r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d:\d\d(Z|[-+]\d\d:\d\d)?)?",
    "merge": "<<",
}


class _Loader(yaml.SafeLoader):
    """Understands plain words as the engine does: `yes` is text, `0755` and `0o17` are octal."""

    # For any first letter (None): what a plain word may be besides text.
    yaml_implicit_resolvers = {  # noqa: RUF012 (the way PyYAML wants it)
        None: [(f"tag:yaml.org,2002:{tag}", re.compile(f"^({pattern})$")) for tag, pattern in _PLAIN.items()]
    }


_EXPONENT_FROM = 1e21


def _whole_number(_loader: _Loader, node: yaml.ScalarNode) -> int:
    text = node.value.replace("_", "")
    return int(text, 8) if re.fullmatch("[-+]?0[0-7]+", text) else int(text, 0)


def _number(_loader: _Loader, node: yaml.ScalarNode) -> int | float:
    number = float(node.value.replace("_", ""))
    # JSON of a whole number has no fraction in Go, up to a size.
    return int(number) if number.is_integer() and abs(number) < _EXPONENT_FROM else number


def _timestamp(_loader: _Loader, node: yaml.ScalarNode) -> str:
    """An instant as Go prints it: an unquoted date is no text to the engine's reader."""
    instant = datetime.fromisoformat(node.value)
    zone = "+0000 UTC" if not instant.utcoffset() else f"{instant:%z} {instant:%z}"
    return f"{instant:%Y-%m-%d %H:%M:%S} {zone}"


_Loader.add_constructor("tag:yaml.org,2002:int", _whole_number)
_Loader.add_constructor("tag:yaml.org,2002:float", _number)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _timestamp)
