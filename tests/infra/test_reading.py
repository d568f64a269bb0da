"""How the files become settings and guide: with an engine, without one, and with secrets."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.mistakes import ConfigurationError
from infra.reading import ROOT, read_project, stack_configuration
from infra.settings import Settings
from tests.infra import project
from tests.infra.project import STACK, STACK_FILE

STACKS = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))


@pytest.mark.parametrize("stack", STACKS)
def test_every_stack_is_without_mistake(stack: str) -> None:
    read = read_project(stack, stack_configuration(stack).get)
    assert read.settings.stack == stack
    assert read.settings.account_id.isdigit()


def test_all_stacks_say_the_same_kinds_of_things() -> None:
    keys = {stack: _shape(stack_configuration(stack)) for stack in STACKS}
    assert all(shape == keys["production"] for shape in keys.values())


def _shape(configuration: dict[str, str]) -> dict[str, Any]:
    """The keys two levels deep; generations differ by nature."""
    values = {key: json.loads(text) for key, text in configuration.items() if text.startswith("{")}
    return {key: sorted(value) for key, value in sorted(values.items())}


def test_networks_of_all_stacks_can_be_connected() -> None:
    ranges = [
        cidr
        for stack in STACKS
        for settings in [read_project(stack, stack_configuration(stack).get).settings]
        for cidr in (settings.network.cidr, settings.access.client_cidr)
    ]
    assert len(set(ranges)) == len(ranges)


def test_all_mistakes_are_said_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    root = project.copy(tmp_path)
    project.edit(root / STACK_FILE, "nat: per_zone", "nat: per-zone")
    project.edit(root / STACK_FILE, "cidr: 10.20.0.0/16", "cidr: 10.20.0.0")
    project.edit(root / "operations.yaml", "notice: 48h", "notice: 48")
    said = [line.split(": ")[1] for line in project.mistakes(root)]
    assert [key.split(" ")[0] for key in said] == [
        "syncup:network.cidr",
        "syncup:network.nat",
        "maintenance.notice",
    ]


def test_what_contradicts_is_said_together_with_the_guides_mistakes(tmp_path: Path) -> None:
    root = project.copy(tmp_path)
    project.edit(root / STACK_FILE, "recovery_region: us-east-2", "recovery_region: us-west-2")
    project.edit(root / STACK_FILE, "active: g1", "active: g3")
    assert len(project.mistakes(root)) == 2


def test_an_unknown_stack_is_answered_with_those_there_are(tmp_path: Path) -> None:
    root = project.copy(tmp_path)
    assert project.mistakes(root, "prod") == [
        "Pulumi.prod.yaml: there is no stack prod: write one of production, recovery, staging"
    ]
    assert project.mistakes(root, "productoin") == [
        "Pulumi.productoin.yaml: there is no stack productoin: write production"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", f"{STACK_FILE}: the file is empty"),
        ("config:\n", f"{STACK_FILE}:1: config is empty: write the settings below it"),
        ("config: []\n", f"{STACK_FILE}:1: config is empty: write the settings below it"),
        ("encryptionsalt: v1\n", f"{STACK_FILE}:1: config is empty: write the settings below it"),
        ("- config\n", f"{STACK_FILE}:1: the file is no mapping: it begins with config:"),
    ],
)
def test_a_stack_file_of_another_shape_is_answered_in_a_line(text: str, said: str, tmp_path: Path) -> None:
    root = project.copy(tmp_path)
    (root / STACK_FILE).write_text(text, encoding="utf-8")
    assert project.mistakes(root) == [said]


def test_a_missing_guide_is_answered_in_a_line(tmp_path: Path) -> None:
    root = project.copy(tmp_path)
    (root / "operations.yaml").unlink()
    assert project.mistakes(root) == ["operations.yaml: the file is missing"]


def test_a_stack_name_that_aws_names_cannot_begin_with_is_refused(tmp_path: Path) -> None:
    root = project.copy(tmp_path)
    shutil.copy(root / STACK_FILE, root / "Pulumi.My_Stack.yaml")
    (said,) = project.mistakes(root, "My_Stack")
    assert said.startswith(
        "Pulumi.My_Stack.yaml:1: stack is My_Stack: write 2 to 12 small letters and digits"
    )


def test_the_engine_gives_everything_as_text() -> None:
    configuration = stack_configuration(STACK)
    assert configuration["aws:region"] == "us-west-2"
    assert json.loads(configuration["aws:allowedAccountIds"]) == ["111122223333"]
    assert json.loads(configuration["syncup:database"])["storage_gib"] == 200


def test_a_key_without_namespace_is_the_projects_as_in_pulumi(tmp_path: Path) -> None:
    root = project.copy(tmp_path)
    project.edit(root / STACK_FILE, "  syncup:network:", "  network:")
    assert project.mistakes(root) == [f"{STACK_FILE}:10: network has no namespace: write syncup:network"]


def test_settings_of_the_provider_and_of_pulumi_are_theirs(tmp_path: Path) -> None:
    root = project.copy(tmp_path)
    project.edit(root / STACK_FILE, "config:\n", "config:\n  aws:profile: work\n  pulumi:tags: { team: a }\n")
    assert project.mistakes(root) == []


def test_numbers_that_lost_their_type_in_the_engine_get_it_back() -> None:
    configuration = stack_configuration(STACK)
    database = json.loads(configuration["syncup:database"])
    database |= {"storage_gib": "200", "multi_az": "true"}
    configuration["syncup:database"] = json.dumps(database)
    assert read_project(STACK, configuration.get).settings.database.storage_gib == 200


def test_text_that_is_no_number_in_the_file_stays_a_mistake() -> None:
    configuration = stack_configuration(STACK)
    database = json.loads(configuration["syncup:database"]) | {"storage_gib": "300"}
    configuration["syncup:database"] = json.dumps(database)
    with pytest.raises(ConfigurationError, match="storage_gib is 300: write it without quotes"):
        read_project(STACK, configuration.get)


def test_configuration_without_a_stack_file_is_read_all_the_same(tmp_path: Path) -> None:
    root = project.copy(tmp_path)
    configuration = stack_configuration(STACK, root)
    (root / STACK_FILE).unlink()
    assert read_project(STACK, configuration.get, root=root).settings.region == "us-west-2"
    configuration["aws:region"] = "us-west2"
    with pytest.raises(ConfigurationError, match=rf"^{STACK_FILE}: aws:region is us-west2: "):
        read_project(STACK, configuration.get, root=root)


def test_a_secret_is_never_shown() -> None:
    configuration = stack_configuration(STACK)
    configuration["syncup:network"] = json.dumps({"cidr": "hush", "zones": "hush", "nat": "hush-hush"})
    with pytest.raises(ConfigurationError) as raised:
        read_project(STACK, configuration.get, is_secret=lambda key: key == "syncup:network")
    assert "hush" not in str(raised.value)
    assert len(raised.value.mistakes) == 3


def test_a_secret_that_fits_is_used() -> None:
    configuration = stack_configuration(STACK)
    read = read_project(STACK, configuration.get, is_secret=lambda key: key == "syncup:network")
    assert read.settings.network.cidr == "10.20.0.0/16"


def test_an_encrypted_value_needs_the_engine(tmp_path: Path) -> None:
    root = project.copy(tmp_path)
    project.edit(root / STACK_FILE, "cidr: 10.20.0.0/16", "cidr: { secure: v1:abc }")
    (said,) = project.mistakes(root)
    assert said.startswith(f"{STACK_FILE}:11: syncup:network.cidr is encrypted: only Pulumi can read it")


def test_a_secret_in_the_guide_is_not_repeated(tmp_path: Path) -> None:
    root = project.copy(tmp_path)
    project.edit(root / "operations.yaml", "rotation: person }", "rotation: person, value: sk-hush }")
    assert "sk-hush" not in "".join(project.mistakes(root))
    assert len(project.mistakes(root)) == 1


def test_every_section_of_the_settings_has_its_key() -> None:
    assert {"aws:region", "aws:allowedAccountIds", "syncup:on_call"} < set(Settings.configuration_keys())
    assert "stack" not in Settings.configuration_keys()
