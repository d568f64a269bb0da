"""What the real engine makes of a mistake, and of configuration given on its command line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.reading import ROOT
from tests.infra import project
from tests.infra.project import STACK, STACK_FILE

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="needs the Pulumi CLI on PATH"),
]

_PROJECT = """name: syncup
runtime:
  name: python
  options: {{ toolchain: pip, virtualenv: {venv} }}
"""
_PROGRAM = """import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from infra.environment import load
import pulumi
pulumi.export("cidr", load(Path(__file__).parent).settings.network.cidr)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A program that only reads its settings, on a state of its own."""
    root = tmp_path / "program"
    root.mkdir()
    project.copy(root)
    (root / "Pulumi.yaml").write_text(_PROJECT.format(venv=sys.prefix), encoding="utf-8")
    (root / "__main__.py").write_text(_PROGRAM.format(root=str(ROOT)), encoding="utf-8")
    (tmp_path / "state").mkdir()
    _pulumi(root, "stack", "init", STACK)
    return root


def _pulumi(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PULUMI_HOME": str(root.parent / "home"),
        "PULUMI_BACKEND_URL": f"file://{root.parent / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    return subprocess.run(  # noqa: S603 (the engine, with arguments of ours)
        ["pulumi", *arguments, "--non-interactive"],  # noqa: S607
        cwd=root,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )


def _preview(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _pulumi(root, "preview", "--stack", STACK, *arguments)


def test_settings_are_read_as_without_an_engine(folder: Path) -> None:
    ended = _preview(folder)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "10.20.0.0/16" in ended.stdout


@pytest.mark.full
def test_what_pulumi_config_sets_is_read(folder: Path) -> None:
    """Numbers too, which arrive inside of objects."""
    for key, value in (("syncup:network.cidr", "10.21.0.0/16"), ("syncup:application.min_size", "4")):
        _pulumi(folder, "config", "set", "--stack", STACK, "--path", key, value)
    ended = _preview(folder)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "10.21.0.0/16" in ended.stdout


@pytest.mark.full
def test_a_secret_is_decrypted_and_never_shown(folder: Path) -> None:
    _pulumi(
        folder, "config", "set", "--stack", STACK, "--path", "--secret", "syncup:network.cidr", "10.99.0.0/30"
    )
    ended = _preview(folder)
    assert ended.returncode != 0
    assert "syncup:network.cidr does not fit" in ended.stdout
    assert "10.99" not in ended.stdout + ended.stderr


def test_a_mistake_is_said_in_its_line_without_traceback(folder: Path) -> None:
    project.edit(folder / STACK_FILE, "cidr: 10.20.0.0/16", "cidr: 10.20.0.0/30")
    ended = _preview(folder)
    assert ended.returncode != 0
    assert f"{STACK_FILE}:" in ended.stdout
    assert "syncup:network.cidr is 10.20.0.0/30: too small" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr
