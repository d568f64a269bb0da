"""The environment's own program, compared with itself before a change: what loses data is told first."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.exit_codes import ExitCode
from infra.reading import ROOT

pytestmark = pytest.mark.full

INSTANCE = "components/database_instance.py"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The last commit, in a repository of its own."""
    subprocess.run(["git", "clone", "--quiet", "--local", str(ROOT), str(tmp_path / "clone")], check=True)  # noqa: S603, S607
    return tmp_path / "clone"


def _compared(clone: Path, before: str = "", after: str = "") -> tuple[int, str]:
    """How the comparison of production ends after a change of the database's instance, and what it says."""
    file = clone / INSTANCE
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")
    arguments = ["preview", "production", "--against", "HEAD", "--format", "markdown"]
    ended = subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-m", "cli", *arguments], cwd=clone, check=False, capture_output=True, text=True
    )
    return ended.returncode, ended.stdout


def test_what_is_the_same_is_no_change(clone: Path) -> None:
    status, text = _compared(clone)
    assert (status, text.splitlines()[0]) == (ExitCode.FINE, "## 🟢 production: no changes")


def test_a_database_with_another_name_is_a_loss(clone: Path) -> None:
    status, text = _compared(clone, 'f"{name}-instance",', 'f"{name}-server",')
    assert status is ExitCode.DATA_LOSS.value
    assert text.startswith("## 🔴 production: not safe: data would be lost: the database (1 deleted)\n")
    assert "`database-g1-server` is new: to rename, give it an alias" in text


def test_a_database_that_is_encrypted_otherwise_is_a_loss(clone: Path) -> None:
    """A policy blocks it as well, which comes first in the exit status."""
    status, text = _compared(clone, "storage_encrypted=True", "storage_encrypted=False")
    assert status is ExitCode.POLICY.value
    assert text.startswith("## 🔴 production: not safe: data would be lost: the database (1 likely replaced)")
    assert "`storage_encrypted` `true` → `false`" in text


def test_a_database_with_another_key_is_a_loss(clone: Path) -> None:
    status, text = _compared(clone, "kms_key_id=settings.key.arn if", "kms_key_id=settings.log_key.arn if")
    assert status is ExitCode.DATA_LOSS.value
    assert text.startswith("## 🔴 production: not safe: data would be lost: the database (1 likely replaced)")
    assert "`kms_key_id`" in text
