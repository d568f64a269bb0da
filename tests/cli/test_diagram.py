"""`syncup diagram`: a page, one picture, or JSON; a layer that is not there is a line."""

import json
from pathlib import Path

import pytest

from cli.exit_codes import ExitCode
from cli.main import run
from tests.preview.programs import project

PROGRAM = """
    import pulumi
    from pulumi_random import RandomPet

    class Group(pulumi.ComponentResource):
        def __init__(self):
            super().__init__("shop:data:Group", "group")

    RandomPet("pet", length=2, opts=pulumi.ResourceOptions(parent=Group()))
"""
PICTURE = 'flowchart LR\n  n0["<b>group</b><br/>RandomPet"]\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project with a stack `dev`, and the working directory in it."""
    monkeypatch.chdir(project(tmp_path, PROGRAM))


def test_a_page_has_every_picture(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diagram", "dev"]) is ExitCode.FINE
    page = capsys.readouterr().out
    assert page.startswith("# The architecture\n")
    assert page.count("```mermaid\n") == 2


def test_a_layer_is_a_picture_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diagram", "dev", "--layer", "data"]) is ExitCode.FINE
    assert capsys.readouterr().out == PICTURE


def test_json_has_the_pictures_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diagram", "dev", "--json"]) is ExitCode.FINE
    assert json.loads(capsys.readouterr().out)["data"] == PICTURE


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["dev", "--layer", "sky"], ExitCode.USAGE, "dev has no layer 'sky': it has overview, data\n"),
        (["nowhere"], ExitCode.FAILED, "nowhere"),
    ],
)
def test_what_is_not_there_is_a_line(
    words: list[str], code: ExitCode, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["diagram", *words]) is code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert printed.err.count("\n") == 1
