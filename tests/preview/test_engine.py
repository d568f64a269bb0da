"""The real engine is driven; what keeps it from reporting is said in one line."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from preview import engine
from preview.engine import BackendError, EngineError, EngineMissingError
from preview.graph import Message
from preview.plan import Operation
from preview.values import Secret
from tests.preview.programs import project


def test_without_the_cli_one_line_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineMissingError) as caught:
        engine.preview(tmp_path, "dev")
    assert "\n" not in str(caught.value)
    assert "--engine none" in str(caught.value)


def _fake_cli(folder: Path, version: str, complaint: str) -> str:
    """A folder with a `pulumi` that knows its version and complains of everything else."""
    cli = folder / "pulumi"
    cli.write_text(
        f"#!/bin/sh\n[ $1 = version ] && echo {version} && exit\necho '{complaint}' >&2\nexit 255\n"
    )
    cli.chmod(0o700)
    return f"{folder}:/usr/bin:/bin"


@pytest.mark.parametrize("version", ["v3.300.0", ""])
def test_what_the_cli_complains_of_is_said_in_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """Also of one that somebody has built from source, which has no version."""
    monkeypatch.setenv("PATH", _fake_cli(tmp_path, version, "note\nerror: the passphrase is wrong\nmore"))
    with pytest.raises(BackendError) as caught:
        engine.preview(project(tmp_path, ""), "dev")
    assert str(caught.value) == "the passphrase is wrong"


def test_who_is_not_logged_in_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CLI speaks of the token of a service that may not be meant."""
    complaint = "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions"
    monkeypatch.setenv("PATH", _fake_cli(tmp_path, "v3.300.0", complaint))
    with pytest.raises(BackendError, match=r"^nobody is logged in to the backend that has the state: `"):
        engine.preview(project(tmp_path, ""), "dev")


def test_a_cli_that_is_too_old_is_refused_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", _fake_cli(tmp_path, "v3.0.0", ""))
    with pytest.raises(EngineError, match=r"your current CLI version is 3.0.0. Please update the Pulumi CLI"):
        engine.preview(project(tmp_path, ""), "dev")


PROJECT = {
    "Pulumi.yaml": f"""
        name: shop
        runtime:
          name: python
          options: {{toolchain: pip, virtualenv: {sys.prefix}}}
    """,
    "__main__.py": """
        import pulumi

        class Group(pulumi.ComponentResource):
            def __init__(self, name, opts=None):
                super().__init__("test:index:Group", name, {"word": pulumi.Output.secret("hush")}, opts)

        Group("inner", pulumi.ResourceOptions(parent=Group("outer")))
        pulumi.log.warn("it is late")
        if pulumi.Config().get_bool("broken"):
            raise ValueError("its own")
    """,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without any provider, with a state of its own."""
    for name in ("program", "state"):
        (tmp_path / name).mkdir()
    for name, text in PROJECT.items():
        (tmp_path / "program" / name).write_text(dedent(text), encoding="utf-8")
    settings = {
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return tmp_path / "program"


def _with_stack(folder: Path, stack_file: str = "") -> Path:
    subprocess.run(["pulumi", "stack", "init", "dev", "--no-select"], cwd=folder, check=True)  # noqa: S607
    with (folder / "Pulumi.dev.yaml").open("a", encoding="utf-8") as file:
        file.write(stack_file)
    return folder


def _on_the_real_engine(test: Callable[..., None]) -> Callable[..., None]:
    missing = shutil.which("pulumi") is None
    return pytest.mark.engine(pytest.mark.skipif(missing, reason="needs the Pulumi CLI on PATH")(test))


@_on_the_real_engine
def test_a_program_makes_a_plan(folder: Path) -> None:
    plan = engine.preview(_with_stack(folder), "dev")
    resources = {resource.name: resource for resource in plan.graph.resources}
    assert set(resources) == {"shop-dev", "outer", "inner"}
    assert resources["inner"].parent == resources["outer"].urn
    assert isinstance(resources["inner"]["word"], Secret)
    assert {change.operation for change in plan.changes.values()} == {Operation.CREATE}
    assert Message("warning", "it is late") in plan.graph.messages
    assert plan.fine


@_on_the_real_engine
def test_a_program_that_fails_is_an_error_of_the_plan(folder: Path) -> None:
    plan = engine.preview(_with_stack(folder, "config: {shop:broken: true}\n"), "dev")
    assert not plan.fine
    assert any("its own" in error for error in plan.errors)


@_on_the_real_engine
def test_a_stack_that_is_not_there_is_said_in_a_line(folder: Path) -> None:
    with pytest.raises(EngineError) as caught:
        engine.preview(folder, "nosuch")
    assert str(caught.value) == "the backend has no stack nosuch: make it with `pulumi stack init nosuch`"


@_on_the_real_engine
def test_a_backend_that_cannot_be_used_is_told_apart(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{folder / 'nowhere'}")
    with pytest.raises(BackendError, match=r"^unable to open .+$"):
        engine.preview(folder, "dev")
