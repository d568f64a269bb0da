"""How a pack is used: the parameters of its rules, and what their violations do.

    {
      "parameters": {"minimum_backup_retention_days": 30},
      "rules": {"rds-instance-multi-az": {"level": "advisory", "minimum_backup_retention_days": 7}},
      "stacks": {"staging": {"parameters": {}, "rules": {"rds-instance-multi-az": {"level": "disabled"}}}}
    }

The nearest wins: the stack's rule, the stack, the rule, the pack, the default. `syncup policy config` writes
the parameters that the operations guide states, and leaves the rest as it is.
"""

import json
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from infra.mistakes import ConfigurationError, Mistake
from infra.yaml_file import Absent, Document, KeyPath, at, read
from policies.parameters import DEFAULTS, PARAMETERS, Parameter
from policies.rule import Level, Rule, Settings

FILE: Final = Path(__file__).parent / "config.json"
"""The pack's own."""

_LEVELS: Final = tuple(level.value for level in Level)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one part of a configuration says."""

    parameters: Settings = field(default_factory=dict[str, Any])
    """For every rule."""
    rules: Mapping[str, Settings] = field(default_factory=dict[str, Settings])
    """For single rules: `level`, and parameters."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What holds in one stack."""

    parts: tuple[Part, ...] = ()
    """The nearest first."""

    def level(self, rule: Rule) -> Level:
        """What a violation of a rule does."""
        for part in self.parts:
            if "level" in part.rules.get(rule.name, ()):
                return Level(part.rules[rule.name]["level"])
        return rule.level

    def settings(self, rule: Rule) -> Settings:
        """The values of the parameters that a rule reads, by name."""
        layers = [layer for part in self.parts for layer in (part.rules.get(rule.name, {}), part.parameters)]
        nearest = ChainMap[str, Any](*map(dict, layers), dict(DEFAULTS))
        return {name: nearest[name] for name in rule.parameters}


def read_configuration(stack: str, rules: Mapping[str, Rule], path: Path = FILE) -> Configuration:
    """Reads a pack's configuration for a stack; the defaults where there is no file.

    Args:
        stack: the stack's name.
        rules: the rules by name.
        path: the file.

    Raises:
        ConfigurationError: it names no rule or no parameter that there is, or gives one a wrong value.
    """
    if not path.exists():
        return Configuration()
    document = read(path)
    mistakes = list(_mistakes(document, rules))
    if mistakes:
        raise ConfigurationError(mistakes)
    of_stack = document.value.get("stacks", {}).get(stack, {})
    return Configuration(
        tuple(
            Part(parameters=part.get("parameters", {}), rules=part.get("rules", {}))
            for part in (of_stack, document.value)
        )
    )


def write_parameters(parameters: Settings, path: Path = FILE) -> str:
    """The text of a pack's configuration with other parameters, all else as it is."""
    whole: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return json.dumps({**whole, "parameters": dict(parameters)}, indent=2, ensure_ascii=False) + "\n"


def fits(parameter: Parameter, value: Any) -> bool:
    """Whether a value is of a parameter's kind."""
    match parameter.kind:
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case _:
            return isinstance(value, list) and all(isinstance(i, str) for i in cast("list[Any]", value))


def _mistakes(document: Document, rules: Mapping[str, Rule]) -> Iterator[Mistake]:
    yield from _part(document, (), rules, ("parameters", "rules", "stacks"))
    stacks = at(document.value, ("stacks",))
    for stack in cast("dict[str, Any]", stacks) if isinstance(stacks, dict) else ():
        yield from _part(document, ("stacks", stack), rules, ("parameters", "rules"))


def _part(
    document: Document, path: KeyPath, rules: Mapping[str, Rule], keys: tuple[str, ...]
) -> Iterator[Mistake]:
    part = at(document.value, path)
    if not isinstance(part, dict):
        yield _mistake(document, path, f"it is no object: it has {', '.join(keys)}")
        return
    for key, value in cast("dict[str, Any]", part).items():
        inside = (*path, key)
        if key not in keys:
            yield _mistake(document, inside, f"{key} is no known key: write {', '.join(keys)}")
        elif not isinstance(value, dict):
            yield _mistake(document, inside, f"{key} is no object")
        elif key == "parameters":
            yield from _parameters(document, inside, PARAMETERS)
        elif key == "rules":
            for name in cast("dict[str, Any]", value):
                yield from _rule(document, (*inside, name), name, rules)


def _rule(document: Document, path: KeyPath, name: str, rules: Mapping[str, Rule]) -> Iterator[Mistake]:
    rule = rules.get(name)
    if rule is None:
        yield _mistake(document, path, f"{name} is no rule: see `syncup policy list`")
    elif not isinstance(at(document.value, path), dict):
        yield _mistake(document, path, f"{name} is no object: write {{}}, with level and its parameters")
    else:
        level = at(document.value, (*path, "level"))
        if level is not Absent and level not in _LEVELS:
            yield _mistake(document, (*path, "level"), f"level is none: write {', '.join(_LEVELS)}")
        yield from _parameters(document, path, {name: PARAMETERS[name] for name in rule.parameters})


def _parameters(document: Document, path: KeyPath, known: Mapping[str, Parameter]) -> Iterator[Mistake]:
    for name, value in at(document.value, path).items():
        if name == "level" and path[-1] != "parameters":
            continue
        parameter = known.get(name)
        if parameter is None:
            text = f"{name} is no parameter here: {', '.join(known) or 'there is none'}"
            yield _mistake(document, (*path, name), text)
        elif not fits(parameter, value):
            yield _mistake(document, (*path, name), f"{name} has to be of the kind {parameter.kind}")


def _mistake(document: Document, path: KeyPath, text: str) -> Mistake:
    return Mistake(document.file, document.line(path), text)
