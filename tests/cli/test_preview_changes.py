"""`syncup preview`, where it tells of a change: against a revision, from recorded events, as a comment."""

import json
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

from cli.exit_codes import ExitCode
from cli.main import run
from tests.preview.golden import DATA, comment
from tests.preview.programs import project

PROGRAM = """
    import pulumi
    from pulumi_aws import rds

    class Data(pulumi.ComponentResource):
        def __init__(self):
            super().__init__("shop:data:Data", "data")
            opts = pulumi.ResourceOptions(parent=self)
            rds.Instance("database", engine="postgres", instance_class="db.t4g.micro", opts=opts)

    Data()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a stack `dev`, committed once, and the working directory in it."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(project(tmp_path, PROGRAM))
    subprocess.run(["git", "init", "--quiet"], check=True)  # noqa: S607
    _committed()
    return tmp_path


def _committed() -> None:
    settings = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
    for arguments in (("add", "."), (*settings, "commit", "--quiet", "--message", "x")):
        subprocess.run(["git", *arguments], check=True)  # noqa: S603, S607


def _edit(folder: Path, before: str, after: str) -> None:
    program = folder / "__main__.py"
    program.write_text(program.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")


MARKDOWN = ["preview", "dev", "--against", "HEAD", "--format", "markdown"]


def _first_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[0]


def test_a_comparison_is_a_comment(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _edit(folder, "t4g.micro", "t4g.small")
    assert run(MARKDOWN) is ExitCode.POLICY
    printed = capsys.readouterr()
    assert "  - `instance_class`: `db.t4g.micro` → `db.t4g.small`\n" in printed.out
    assert printed.out.endswith("<!-- syncup preview dev -->\n")
    assert printed.err == "files differ from the last commit: what is compared is what they say now\n"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('"database"', '"db"', "(1 deleted)"),
        ('engine="postgres"', 'engine="postgres", storage_encrypted=True', "(1 likely replaced)"),
    ],
)
def test_a_change_that_loses_the_database_is_told_first(
    folder: Path, capsys: pytest.CaptureFixture[str], before: str, after: str, told: str
) -> None:
    _edit(folder, before, after)
    run(MARKDOWN)
    assert f"not safe: data would be lost: the database {told}" in _first_line(capsys)


def test_a_loss_ends_with_its_own_status_unless_it_is_allowed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _edit(folder, "\nData()", "")
    assert run(MARKDOWN) is ExitCode.DATA_LOSS
    assert _first_line(capsys).endswith("data would be lost: the database (1 deleted)")
    assert run([*MARKDOWN, "--allow-data-loss"]) is ExitCode.FINE


def test_a_comparison_for_people_shows_what_differs_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _edit(folder, "rds.Instance(", 'rds.SubnetGroup("group", subnet_ids=[], opts=opts); rds.Instance(')
    run(["preview", "dev", "--against", "HEAD"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("shop dev  against revision HEAD (")
    assert [line.split()[-3:] for line in lines[1:3]] == [
        ["└──", "data", "data.Data"],
        ["+", "group", "rds.SubnetGroup"],
    ]


PLANTED = """
            word = pulumi.Output.secret("PLANTED-1")
            pulumi.log.warn("the word is PLANTED-1")
            tags = {"Word": word, "Note": "it is PLANTED-1"}
            rds.ParameterGroup("group", family="postgres16", tags=tags, opts=opts)
            lines = "#!/bin/sh\\nWORD=PLANTED-1\\n"
            ec2.LaunchTemplate("template", user_data=lines, tags={"Word": word}, opts=opts)
            ssm.Parameter("parameter", type="String", value=word, opts=opts)
"""


@pytest.mark.parametrize("form", ["terminal", "json", "markdown"])
def test_a_secret_that_changes_is_told_and_neither_of_its_values_is_anywhere(
    folder: Path, capfd: pytest.CaptureFixture[str], form: str
) -> None:
    _edit(folder, "import rds", "import ec2, rds, ssm")
    _edit(folder, "\nData()", f"{dedent(PLANTED).replace(chr(10), chr(10) + ' ' * 8)}\nData()")
    _committed()
    _edit(folder, "PLANTED-1", "PLANTED-2")
    full = ["--full", "full.md"] if form == "markdown" else []
    run(["preview", "dev", "--against", "HEAD", "--format", form, *full])
    printed = capfd.readouterr()
    assert "PLANTED" not in printed.out + printed.err
    if form == "markdown":
        assert "`value`: [secret changed]" in printed.out
        assert "PLANTED" not in Path("full.md").read_text(encoding="utf-8")
    if form == "json":
        parameter = next(one for one in json.loads(printed.out)["resources"] if one["name"] == "parameter")
        assert parameter["changed"] == ["value"]


def _logged(name: str, *arguments: str) -> ExitCode:
    return run(
        ["preview", "dev", "--events", str(DATA / f"{name}.jsonl"), "--format", "markdown", *arguments]
    )


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("unchanged", ExitCode.FINE),
        ("updated", ExitCode.FINE),
        ("replaced", ExitCode.DATA_LOSS),
        ("policies", ExitCode.POLICY),
        # What failed comes before what would be lost.
        ("deleted", ExitCode.FAILED),
        ("failed", ExitCode.FAILED),
    ],
)
def test_recorded_events_are_told_and_end_as_they_would_have(
    capsys: pytest.CaptureFixture[str], name: str, code: ExitCode
) -> None:
    assert _logged(name) is code
    assert capsys.readouterr().out == comment(name)


def test_who_allows_a_loss_is_told_and_not_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    assert _logged("replaced", "--allow-data-loss") is ExitCode.FINE
    assert _first_line(capsys).endswith("(1 replaced), which is allowed")
    assert _logged("deleted", "--allow-data-loss") is ExitCode.FAILED


def test_the_complete_text_goes_beside_the_comment(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _logged("updated", "--output", "comment.md", "--full", "full.md")
    assert capsys.readouterr().out == ""
    short, full = (Path(name).read_text(encoding="utf-8") for name in ("comment.md", "full.md"))
    assert short == comment("updated")
    assert full.endswith("<!-- syncup preview dev -->\n")


def test_what_cannot_be_previewed_takes_the_place_of_what_was_said_before(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _edit(folder, "Data()", "raise ValueError('no `x` @everyone')")
    assert run([*MARKDOWN, "--output", "comment.md", "--full", "full.md"]) is ExitCode.FAILED
    assert capsys.readouterr().out == ""
    for file in ("comment.md", "full.md"):
        lines = Path(file).read_text(encoding="utf-8").splitlines()
        assert lines[0] == "## 🔴 dev: not safe: nobody can say what it would do"
        assert (lines[2], lines[4]) == ("```", "```")
        assert lines[3].endswith("ValueError: no `x` @everyone")
        assert lines[-1] == "<!-- syncup preview dev -->"


def test_json_tells_how_each_property_differs(capsys: pytest.CaptureFixture[str]) -> None:
    run(["preview", "dev", "--events", str(DATA / "replaced.jsonl"), "--format", "json"])
    resources = json.loads(capsys.readouterr().out)["resources"]
    (database,) = [resource for resource in resources if resource["name"] == "database"]
    (forcing,) = [one for one in database["properties"] if one["forces"]]
    assert (forcing["path"], forcing["old"], forcing["new"]) == ("identifier", "shop", "shop-2")
    (password,) = [one for one in database["properties"] if one["path"] == "password"]
    assert (password["old"], password["new"], password["secret"]) == ("[secret]", "[secret]", True)
    assert (database["holdsData"], database["protected"]) == (True, True)


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["--against", "nosuch"], ExitCode.FAILED, "there is no revision nosuch here: "),
        (["--against", ""], ExitCode.USAGE, "--against names no revision"),
        (["--events", "nosuch"], ExitCode.FAILED, "nosuch cannot be read: "),
        (
            ["--against", "HEAD", "--engine", "pulumi"],
            ExitCode.USAGE,
            "--engine pulumi, --against and --events",
        ),
        (["--full", "x"], ExitCode.USAGE, "--full is the complete comment: it needs --format markdown"),
    ],
)
def test_what_cannot_be_done_is_a_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: ExitCode, line: str
) -> None:
    assert run(["preview", "dev", *arguments]) is code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert line in printed.err
