"""A project is compared with another of its revisions: laid out, evaluated by itself, and gone again."""

import hashlib
import os
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from preview import against, revision
from preview.plan import Operation, Plan
from preview.project import ProjectError
from preview.revision import RevisionError
from tests.preview.comparing import change_of
from tests.preview.programs import project

PROGRAM = """
    from parts import declare

    declare()
"""
PARTS = """
    import pulumi
    from pulumi_random import RandomPet

    def declare():
        print("declaring")
        RandomPet("pet", length=2, prefix=pulumi.Output.secret("hush-hush-hush"))
"""


def _git(folder: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
    command = ["git", *settings, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout  # noqa: S603


def _commit(folder: Path, **files: str) -> None:
    project(folder, PROGRAM, **files)
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "x")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in a folder of a repository, with two revisions: of a pet with two words, and with three."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    inner = tmp_path / "repository" / "infrastructure"
    inner.mkdir(parents=True)
    _git(tmp_path / "repository", "init", "--quiet", "--initial-branch", "main")
    _commit(inner, **{"parts.py": PARTS, ".gitignore": "__pycache__/\n"})
    _commit(inner, **{"parts.py": PARTS.replace("length=2", "length=3")})
    return inner


def _compared(folder: Path, name: str = "HEAD~1", say: Callable[[str], None] = print) -> Plan:
    plan, _ = against.preview(folder, "dev", name, say)
    return plan


def test_each_revision_declares_what_its_own_modules_say(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    plan = _compared(folder, say=said.append)
    pet = change_of(plan, "pet")
    assert (pet.operation, pet.changed) == (Operation.REPLACE, ("length",))
    assert plan.against.startswith("HEAD~1 (")
    assert said == []
    assert capfd.readouterr().err.count("declaring") == 1, "what the other revision prints is not ours"
    # Nothing is left behind.
    assert _git(folder, "worktree", "list").count("\n") == 1
    assert _git(folder, "status", "--porcelain") == ""


def test_what_is_not_committed_is_compared_and_said(folder: Path) -> None:
    (folder / "parts.py").write_text((folder / "parts.py").read_text().replace('"pet"', '"animal"'))
    said: list[str] = []
    plan = _compared(folder, "HEAD", said.append)
    assert change_of(plan, "animal").operation is Operation.CREATE
    assert change_of(plan, "pet").operation is Operation.DELETE
    assert said == ["files differ from the last commit: what is compared is what they say now"]


def test_a_program_that_fails_at_the_other_revision_is_a_line(folder: Path) -> None:
    _commit(folder, **{"parts.py": "declare = 1 / 0"})
    _commit(folder, **{"parts.py": PARTS})
    with pytest.raises(RevisionError) as caught:
        _compared(folder)
    told = str(caught.value)
    assert told.startswith("HEAD~1 (")
    assert told.endswith("): parts.py:1: ZeroDivisionError: division by zero")
    assert _git(folder, "worktree", "list").count("\n") == 1


def test_a_program_that_fails_here_ends_both(folder: Path) -> None:
    (folder / "parts.py").write_text("declare = 1 / 0")
    with pytest.raises(ProjectError, match="ZeroDivisionError"):
        _compared(folder)
    assert _git(folder, "worktree", "list").count("\n") == 1


def test_a_stack_that_the_other_revision_does_not_have_is_a_line(folder: Path) -> None:
    (folder / "Pulumi.new.yaml").write_text("config: {}")
    with pytest.raises(RevisionError, match=r"Pulumi\.new\.yaml: there is no stack new: the stacks are dev$"):
        against.preview(folder, "new", "HEAD", print)


@pytest.mark.parametrize("name", ["nosuch", "--help", "HEAD~9", "HEAD:infrastructure/parts.py"])
def test_a_revision_that_is_not_there_is_a_line(folder: Path, name: str) -> None:
    with pytest.raises(RevisionError) as caught:
        revision.find(folder, name)
    assert str(caught.value) == (
        f"there is no revision {name} here: `git log --oneline` lists those that there are"
    )


def test_a_shallow_clone_says_how_to_deepen_it(folder: Path, tmp_path: Path) -> None:
    _git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{folder.parent}", "shallow")
    with pytest.raises(RevisionError, match=r"this clone is shallow: `git fetch --unshallow`"):
        revision.find(tmp_path / "shallow" / "infrastructure", "HEAD~1")


def test_what_is_in_no_repository_has_no_revision(tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match=r"^there is no revision HEAD here: git: .*not a git repository"):
        revision.find(tmp_path, "HEAD")


def test_other_requirements_get_an_environment_of_their_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said, and nothing is installed without its hash."""
    wheel = _wheel(folder)
    _commit(folder, **{"parts.py": PARTS, "requirements.txt": f"{wheel.as_uri()}\n"})
    _commit(folder, **{"parts.py": PARTS, "requirements.txt": "one==2\n"})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    said: list[str] = []
    with pytest.raises(RevisionError, match=r"^HEAD~1 \(.*\): .*hash"):
        _compared(folder, say=said.append)
    assert len(said) == 1
    assert said[0].endswith("has other requirements: installing them in an environment of their own")


def _wheel(folder: Path) -> Path:
    """A distribution without content."""
    wheel = folder / "one-1-py3-none-any.whl"
    about = {"METADATA": "Metadata-Version: 2.1\nName: one\nVersion: 1\n", "RECORD": ""}
    about["WHEEL"] = "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in about.items():
            archive.writestr(f"one-1.dist-info/{name}", text)
    return wheel


def test_the_environment_of_its_own_is_the_one_that_is_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This one has too little in it to evaluate anything."""
    wheel = _wheel(folder)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    _commit(folder, **{"parts.py": PARTS, "requirements.txt": f"{wheel.as_uri()} --hash=sha256:{digest}\n"})
    _commit(folder, **{"parts.py": PARTS, "requirements.txt": "one==2\n"})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(RevisionError, match=r"^HEAD~1 \(.*\): ModuleNotFoundError: No module named"):
        _compared(folder, say=lambda _: None)


def test_the_same_requirements_are_not_installed_again(folder: Path) -> None:
    for _ in range(2):
        _commit(folder, **{"parts.py": PARTS, "requirements.txt": "one==1\n", "note": str(_)})
    assert change_of(_compared(folder), "pet").operation is Operation.SAME


def test_no_hook_of_the_repository_runs(folder: Path, tmp_path: Path) -> None:
    hook = folder.parent / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
    hook.chmod(0o700)
    _compared(folder)
    assert not (tmp_path / "ran").exists()


def test_the_other_revision_has_no_credentials(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looking = 'import os\nassert "AWS_SECRET_ACCESS_KEY" not in os.environ\n'
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    (folder / "parts.py").write_text(looking)
    _commit(folder, **{"parts.py": f"{looking}declare = print\n"})
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    (folder / "parts.py").write_text("declare = print")
    assert _compared(folder, "HEAD", lambda _: None).resources == ()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_who_is_ended_leaves_nothing_behind(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: signal.Signals
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    other = revision.find(folder, "HEAD~1")
    meanwhile: list[Path] = []
    with suppress(KeyboardInterrupt), revision.evaluating(other, "dev", b"salt", print):
        meanwhile = list(temporary.iterdir())
        signal.raise_signal(ending)
        pytest.fail("it went on")
    assert meanwhile
    assert list(temporary.iterdir()) == []
    assert _git(folder, "worktree", "list").count("\n") == 1
