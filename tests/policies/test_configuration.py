"""How a pack is used: the nearest word wins, and a wrong one is said with its line."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.mistakes import ConfigurationError
from infra.policy_parameters import parameters_of
from infra.reading import read_guide
from policies import configuration
from policies.catalogue import RULES
from policies.configuration import read_configuration, write_parameters
from policies.parameters import PARAMETERS
from policies.rule import Level
from tests.policies.samples import CLOSED

_DAYS = "minimum_backup_retention_days"
_RULES = {CLOSED.name: CLOSED}


def _read(folder: Path, stack: str = "test", **content: Any) -> configuration.Configuration:
    file = folder / "config.json"
    file.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return read_configuration(stack, _RULES, file)


def _mistakes(folder: Path, **content: Any) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        _read(folder, **content)
    return str(caught.value).splitlines()


def test_without_a_file_everything_is_as_the_rules_say(tmp_path: Path) -> None:
    found = read_configuration("test", _RULES, tmp_path / "none.json")
    assert found.level(CLOSED) is Level.MANDATORY
    assert found.settings(CLOSED) == {_DAYS: 7}


def test_the_nearest_wins(tmp_path: Path) -> None:
    content: Any = {"parameters": {_DAYS: 30}}
    assert _read(tmp_path, **content).settings(CLOSED) == {_DAYS: 30}
    content["rules"] = {CLOSED.name: {_DAYS: 20, "level": "advisory"}}
    assert _read(tmp_path, **content).settings(CLOSED) == {_DAYS: 20}
    content["stacks"] = {"test": {"parameters": {_DAYS: 10}}}
    assert _read(tmp_path, **content).settings(CLOSED) == {_DAYS: 10}
    assert _read(tmp_path, **content).level(CLOSED) is Level.ADVISORY
    content["stacks"]["test"]["rules"] = {CLOSED.name: {_DAYS: 5, "level": "disabled"}}
    assert _read(tmp_path, **content).settings(CLOSED) == {_DAYS: 5}
    assert _read(tmp_path, **content).level(CLOSED) is Level.DISABLED
    assert _read(tmp_path, "other", **content).level(CLOSED) is Level.ADVISORY


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        ({"levels": {}}, "config.json:2: levels is no known key: write parameters, rules, stacks"),
        ({"parameters": {"days": 1}}, "config.json:3: days is no parameter here: minimum"),
        ({"parameters": {_DAYS: "30"}}, f"config.json:3: {_DAYS} has to be of the kind integer"),
        ({"rules": {"thing-open": {}}}, "config.json:3: thing-open is no rule: see `syncup policy list`"),
        ({"rules": {CLOSED.name: {"level": "high"}}}, "config.json:4: level is none: write advisory, "),
        ({"rules": {CLOSED.name: {"ssh_sources": []}}}, "config.json:4: ssh_sources is no parameter here"),
        ({"stacks": {"a": {"stacks": {}}}}, "config.json:4: stacks is no known key: write parameters, rules"),
        ({"stacks": {"a": 1}}, "config.json:3: it is no object: it has parameters, rules"),
    ],
)
def test_a_wrong_word_is_said_with_its_line(tmp_path: Path, content: dict[str, Any], mistake: str) -> None:
    (found,) = _mistakes(tmp_path, **content)
    assert found.startswith(mistake)


def test_the_packs_own_configuration_says_what_the_guide_says() -> None:
    text = write_parameters(parameters_of(read_guide()))
    assert text == configuration.FILE.read_text(encoding="utf-8"), "run `syncup policy config`"
    read_configuration("production", {rule.name: rule for rule in RULES})


def test_what_the_guide_does_not_state_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"rules": {"a": {}}, "parameters": {_DAYS: 1}}), encoding="utf-8")
    assert json.loads(write_parameters({_DAYS: 30}, file)) == {"rules": {"a": {}}, "parameters": {_DAYS: 30}}


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_a_default_is_of_its_parameters_kind(name: str) -> None:
    assert configuration.fits(PARAMETERS[name], PARAMETERS[name].default)


def test_every_parameter_is_read_by_a_rule() -> None:
    assert {name for rule in RULES for name in rule.parameters} == set(PARAMETERS)
