"""A stack's configuration is read as the engine reads it; what is wrong with its file is said in a line."""

from pathlib import Path
from textwrap import dedent

import pytest

from preview.configuration import (
    SECRET_DUMMY,
    Configuration,
    ConfigurationFileError,
    read_configuration,
    read_project,
)


def _configuration(folder: Path, stack_file: str, project_file: str = "name: shop") -> Configuration:
    (folder / "Pulumi.yaml").write_text(dedent(project_file))
    (folder / "Pulumi.dev.yaml").write_text(dedent(stack_file))
    return read_configuration(folder, read_project(folder), "dev")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("text", "text"),
        ('"7"', "7"),
        ("7", "7"),
        ("0o17", "15"),
        ("017", "15"),
        ("0x1F", "31"),
        ("1_000", "1000"),
        ("1.0", "1"),
        ("1.5", "1.5"),
        ("1e3", "1000"),
        ("true", "true"),
        ("yes", "yes"),
        ("off", "off"),
        ("12:30", "12:30"),
        ("~", ""),
        ("", ""),
        ("2026-01-05", "2026-01-05 00:00:00 +0000 UTC"),
        ("[a, 2, true]", '["a",2,true]'),
        ("{b: 1, a: {c: null}}", '{"a":{"c":null},"b":1}'),
        ("[a<b&c>d, ä]", '["a\\u003cb\\u0026c\\u003ed","ä"]'),
    ],
)
def test_a_value_is_the_text_that_the_engine_makes_of_it(tmp_path: Path, written: str, text: str) -> None:
    assert _configuration(tmp_path, f"config:\n  shop:key: {written}\n").values["shop:key"] == text


def test_a_key_without_namespace_is_the_projects(tmp_path: Path) -> None:
    values = _configuration(tmp_path, "config: {size: 3, aws:region: eu-west-1}").values
    assert values == {"shop:size": "3", "aws:region": "eu-west-1"}


def test_the_stack_wins_over_the_projects_defaults(tmp_path: Path) -> None:
    project = """
        name: shop
        config:
          size: {type: integer, default: 1}
          color: red
          shape: {value: round}
    """
    values = _configuration(tmp_path, "config: {shop:size: 3}", project).values
    assert values["shop:size"] == "3"
    assert {values[key] for key in ("shop:color", "shop:shape")} == {"red", "round"}


def test_what_is_encrypted_is_a_dummy_and_a_secret(tmp_path: Path) -> None:
    configuration = _configuration(
        tmp_path,
        """
        encryptionsalt: v1:abc
        config:
          shop:word: {secure: v1:hush}
          shop:users: [{name: a, word: {secure: v1:hush}}]
          shop:size: 3
        """,
    )
    assert configuration.secret_keys == {"shop:word", "shop:users"}
    assert configuration.values["shop:word"] == SECRET_DUMMY
    assert configuration.values["shop:users"] == f'[{{"name":"a","word":"{SECRET_DUMMY}"}}]'
    assert not any("hush" in value for value in configuration.values.values())


def test_an_empty_file_configures_nothing(tmp_path: Path) -> None:
    assert _configuration(tmp_path, "").values == {}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("config:\n\tshop:size: 3\n", "Pulumi.dev.yaml:2: the line begins with a tab: indent with spaces"),
        ("config: [\nshop:size: 3\n", "Pulumi.dev.yaml:1: this is no YAML: "),
        ("config: 'open\n", "Pulumi.dev.yaml:2: this is no YAML: found unexpected end of stream"),
        ("- a\n", "Pulumi.dev.yaml:1: this is no mapping: write keys with their values"),
        ("config: {when: 2026-13-41}", "Pulumi.dev.yaml: this is no YAML: "),
    ],
)
def test_what_is_no_yaml_is_said_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationFileError) as caught:
        _configuration(tmp_path, text)
    assert str(caught.value).startswith(complaint)
    assert "\n" not in str(caught.value)


def test_a_stack_without_a_file_is_answered_with_those_there_are(tmp_path: Path) -> None:
    _configuration(tmp_path, "")
    (tmp_path / "Pulumi.prod.yaml").touch()
    with pytest.raises(ConfigurationFileError) as caught:
        read_configuration(tmp_path, read_project(tmp_path), "prd")
    assert str(caught.value) == "Pulumi.prd.yaml: there is no stack prd: the stacks are dev, prod"


def test_a_project_without_stacks_is_told_how_to_make_one(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop")
    with pytest.raises(ConfigurationFileError, match="make it with `pulumi stack init`"):
        read_configuration(tmp_path, read_project(tmp_path), "dev")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "Pulumi.yaml: the file is missing"),
        ("runtime: python", "Pulumi.yaml: name is missing: write the project's name"),
        ("name: 7", "Pulumi.yaml: name is missing: write the project's name"),
    ],
)
def test_a_project_needs_its_file_and_a_name(tmp_path: Path, text: str | None, complaint: str) -> None:
    if text is not None:
        (tmp_path / "Pulumi.yaml").write_text(text)
    with pytest.raises(ConfigurationFileError) as caught:
        read_project(tmp_path)
    assert str(caught.value) == complaint


def test_a_program_may_be_in_a_folder_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("{name: shop, main: program}")
    assert read_project(tmp_path).main == "program"
