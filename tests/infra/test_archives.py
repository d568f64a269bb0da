"""The archives of functions: there when an engine uploads them, and not asked for without one."""

from pathlib import Path

import pulumi
import pytest

from components import archives
from functions import build
from infra.archives import build_missing


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A project in which nothing is built yet, run by an engine."""
    monkeypatch.setenv("PULUMI_CONFIG", "{}")
    monkeypatch.setattr(archives, "ROOT", tmp_path)
    monkeypatch.setattr(archives, "sources", lambda: ["backup_age", "secret_age"])
    return tmp_path


def test_an_engine_finds_every_archive(engine: Path) -> None:
    build_missing()
    assert archives.missing() == []
    assert {path.name.partition("-")[0] for path in (engine / archives.BUILT).iterdir()} == {
        "backup_age",
        "secret_age",
    }


def test_what_is_there_already_is_left_alone(engine: Path) -> None:
    build_missing()
    before = {path: path.stat().st_mtime_ns for path in (engine / archives.BUILT).iterdir()}
    build_missing()
    assert {path: path.stat().st_mtime_ns for path in (engine / archives.BUILT).iterdir()} == before


def test_without_an_engine_nothing_is_built(engine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG")
    build_missing()
    assert not (engine / archives.BUILT).exists()


@pytest.mark.usefixtures("engine")
def test_an_archive_that_cannot_be_built_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(source: str, path: Path) -> None:
        raise build.BuildError(f"{source}: its requirements do not install")

    monkeypatch.setattr(build, "build", fails)
    with pytest.raises(pulumi.RunError, match=r"^backup_age: its requirements do not install$"):
        build_missing()
