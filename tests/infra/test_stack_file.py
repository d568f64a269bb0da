"""A stack's file is changed where it was meant to be, nowhere else, and only to what the project can read."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from infra import stack_file
from infra.mistakes import ConfigurationError
from infra.reading import ROOT, read_project, stack_configuration
from infra.stack_file import Add, Edit, Set, edited, propose
from tests.infra import project
from tests.infra.project import STACK, STACK_FILE

STACKS = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))
IMAGE = ("config", "syncup:application", "image_id")
BASTION = ("config", "syncup:access", "bastion", "image_id")
ACTIVE = ("config", "syncup:database", "active")
GENERATIONS = ("config", "syncup:database", "generations")
NEW_IMAGE = Set(path=IMAGE, value="ami-00000000000000000")
NEW_GENERATION = Add(
    path=GENERATIONS,
    key="g2",
    value={"from": "point_in_time", "source": "g1", "at": "2024-01-15 14:30:00"},
)


@pytest.mark.parametrize("stack", STACKS)
def test_a_value_is_one_line_that_differs(stack: str) -> None:
    proposal = propose(stack, [NEW_IMAGE])
    gone, come = proposal.difference
    assert gone.startswith("-    image_id: ami-")
    assert come == "+    image_id: ami-00000000000000000"


def test_a_value_on_a_line_with_others_leaves_them_alone() -> None:
    proposal = propose(STACK, [Set(path=BASTION, value="ami-00000000000000000")])
    assert proposal.difference[1] == (
        "+    bastion: { instance_type: t4g.nano, image_id: ami-00000000000000000 }"
    )


def test_an_entry_is_one_line_more_after_the_others() -> None:
    proposal = propose(STACK, [NEW_GENERATION])
    assert proposal.difference == [
        '+      g2: { from: point_in_time, source: g1, at: "2024-01-15 14:30:00" }'
    ]


def test_edits_follow_each_other() -> None:
    both = propose(STACK, [NEW_GENERATION, Set(path=ACTIVE, value="g2")])
    assert both.difference[:2] == ["-    active: g1", "+    active: g2"]
    assert len(both.difference) == 3


@pytest.mark.parametrize(
    ("text", "edit", "after"),
    [
        ("a: 1 # one\nb: 2\n", Set(path=("a",), value=3), "a: 3 # one\nb: 2\n"),
        ('a: "1"\n', Set(path=("a",), value="2"), 'a: "2"\n'),
        ("a: '1'\n", Set(path=("a",), value="x"), 'a: "x"\n'),
        ("a: b\n", Set(path=("a",), value="12:30"), 'a: "12:30"\n'),
        ("a: b\n", Set(path=("a",), value="yes"), 'a: "yes"\n'),
        ("a: b\n", Set(path=("a",), value="8.1"), 'a: "8.1"\n'),
        ("a: b\n", Set(path=("a",), value="c # d"), 'a: "c # d"\n'),
        ("a: true\n", Set(path=("a",), value=False), "a: false\n"),
        ("a: [v, w]\n", Set(path=("a", 1), value="z"), "a: [v, z]\n"),
        ("a: { b: 1 }\n", Add(path=("a",), key="c", value=2), "a: { b: 1, c: 2 }\n"),
        ("a: {}\nd: 1\n", Add(path=("a",), key="c", value=2), "a: { c: 2 }\nd: 1\n"),
        ("a:\n  b: 1 # one\n", Add(path=("a",), key="c", value=2), "a:\n  b: 1 # one\n  c: 2\n"),
        ("a:\n  b: 1", Add(path=("a",), key="c", value=2), "a:\n  b: 1\n  c: 2\n"),
        ("a:\n  b:\n    - 1\n\n# d\nd: 2\n", Add(path=("a",), key="c", value=3),
         "a:\n  b:\n    - 1\n  c: 3\n\n# d\nd: 2\n"),
        ("a:\r\n  b: 1\r\nd: 2\r\n", Add(path=("a",), key="c", value=3),
         "a:\r\n  b: 1\r\n  c: 3\r\nd: 2\r\n"),
        ("# ä 😀\na: x\n", Set(path=("a",), value="w"), "# ä 😀\na: w\n"),
        ("\ufeffa: x\nb: z\n", Set(path=("a",), value="w"), "\ufeffa: w\nb: z\n"),
    ],
)  # fmt: skip
def test_everything_else_stays_as_it_was_written(text: str, edit: Edit, after: str) -> None:
    assert edited(text, edit, "file") == after


@pytest.mark.parametrize(
    ("text", "edit", "said"),
    [
        ("a: 1\n", Set(path=("b",), value=2), "file: there is no b to edit"),
        ("a: { b: 1 }\n", Set(path=("a",), value=2), "file: a is no single value"),
        ("a: [1]\n", Set(path=("a",), value=2), "file: a is no single value"),
        ("a: 1\n", Add(path=("a",), key="b", value=2), "file: a is no mapping"),
        ("a: [1]\n", Add(path=("a",), key="b", value=2), "file: a is no mapping"),
        ("a: { b: 1 }\n", Add(path=("a",), key="b", value=2), "file: a.b is there already"),
        # An anchor stands before the value and is gone with it, an alias is another place's value.
        ("a: &x 1\nb: *x\n", Set(path=("b",), value=2), "file: b is written in a way"),
        ("a:\nb: 1\n", Set(path=("a",), value=2), "file: a is written in a way"),
        ("a: [1\n", Set(path=("a",), value=2), "file:1: this is no YAML"),
    ],
)
def test_what_cannot_be_edited_is_refused_in_a_line(text: str, edit: Edit, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        edited(text, edit, "file")
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([Set(path=IMAGE, value="ubuntu")], "syncup:application.image_id is ubuntu"),
        ([Set(path=ACTIVE, value="g7")], "g7"),
        ([Set(path=("config", "syncup:moon", "x"), value="g7")], "there is no syncup:moon.x to edit"),
    ],
)
def test_nothing_that_the_project_refuses_is_proposed(edits: Sequence[Edit], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        propose(STACK, edits)


def test_a_stack_without_file_is_a_line() -> None:
    with pytest.raises(ConfigurationError, match=r"^Pulumi\.moon\.yaml: there is no such stack$"):
        propose("moon", [NEW_IMAGE])


def test_what_was_proposed_is_written_and_read(tmp_path: Path) -> None:
    root = project.copy(tmp_path)
    (root / STACK_FILE).chmod(0o640)
    proposal = propose(STACK, [NEW_IMAGE], root)
    assert (root / STACK_FILE).read_text(encoding="utf-8") == proposal.before
    names = sorted(path.name for path in root.iterdir())
    proposal.write()
    settings = read_project(STACK, stack_configuration(STACK, root).get, root=root).settings
    assert settings.application.image_id == NEW_IMAGE.value
    assert (root / STACK_FILE).stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in root.iterdir()) == names


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    root = project.copy(tmp_path)
    proposal = propose(STACK, [NEW_IMAGE], root)
    changed = project.edit(root / STACK_FILE, "min_size: 3", "min_size: 4")
    with pytest.raises(ConfigurationError, match="somebody has changed the file meanwhile"):
        proposal.write()
    assert (root / STACK_FILE).read_text(encoding="utf-8") == changed


def test_a_file_that_cannot_be_replaced_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project.copy(tmp_path)
    proposal = propose(STACK, [NEW_IMAGE], root)
    names = sorted(path.name for path in root.iterdir())

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(stack_file.os, "fsync", full)
    with pytest.raises(ConfigurationError, match="No space left on device"):
        proposal.write()
    assert (root / STACK_FILE).read_text(encoding="utf-8") == proposal.before
    assert sorted(path.name for path in root.iterdir()) == names


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    root = project.copy(tmp_path)
    kept = root / "kept.yaml"
    (root / STACK_FILE).rename(kept)
    (root / STACK_FILE).symlink_to(kept)
    proposal = propose(STACK, [NEW_IMAGE], root)
    proposal.write()
    assert (root / STACK_FILE).is_symlink()
    assert kept.read_text(encoding="utf-8") == proposal.after
