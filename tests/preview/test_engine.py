"""A plan is made of what a real engine reports; what keeps it from reporting is said in one line."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from pulumi.automation import EngineEvent, OpType

from preview import engine
from preview.engine import BackendError, EngineError, EngineMissingError, plan_of
from preview.graph import Message
from preview.plan import Change, Operation, Plan, Source
from preview.values import UNKNOWN, UNKNOWN_STRING, Secret
from tests.preview.programs import project

STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
TOPIC = "urn:pulumi:dev::shop::test:index:Group$aws:sns/topic:Topic::topic"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "[secret]"}


EMPTY: dict[str, Any] = {}


def _parsed(event: dict[str, Any]) -> EngineEvent:
    parse: Callable[[dict[str, Any]], EngineEvent] = getattr(EngineEvent, "from_json")  # noqa: B009 (its own type is partly unknown)
    return parse(event)


def _state(urn: str, **more: Any) -> dict[str, Any]:
    type_ = urn.split("::")[2].rpartition("$")[2]
    custom = not type_.startswith(("pulumi:pulumi", "test:"))
    ids = {"urn": urn, "type": type_, "id": "", "parent": STACK, "provider": ""}
    return {**ids, "custom": custom, "inputs": EMPTY, "outputs": EMPTY, **more}


def _event(kind: str, op: str, urn: str, more: Mapping[str, Any] | None = None, **state: Any) -> EngineEvent:
    side = "old" if op == "delete" else "new"
    metadata = {"op": op, "urn": urn, "type": "", "provider": "", side: _state(urn, **state), **(more or {})}
    return _parsed({kind: {"metadata": metadata}})


def _step(op: str, urn: str = TOPIC, more: Mapping[str, Any] | None = None, **state: Any) -> EngineEvent:
    return _event("resourcePreEvent", op, urn, more, **state)


def _diagnostic(severity: str, message: str, *, ephemeral: bool = False) -> EngineEvent:
    event = {"severity": severity, "message": message, "color": "never", "ephemeral": ephemeral}
    return _parsed({"diagnosticEvent": event})


def _plan(*events: EngineEvent) -> Plan:
    return plan_of("shop", "dev", events)


def test_resources_are_those_of_the_steps() -> None:
    plan = _plan(
        _step("create", STACK, parent=""),
        _step("create", inputs={"name": "orders", "__defaults": []}, protect=True, parent=STACK),
    )
    topic = plan.graph.one("aws:sns/topic:Topic")
    assert (plan.project, plan.stack, plan.source) == ("shop", "dev", Source.ENGINE)
    assert (topic.name, topic.parent, topic.custom) == ("topic", STACK, True)
    assert topic.inputs == {"name": "orders"}
    assert topic.options.protect
    assert plan.changes[TOPIC] == Change(operation=Operation.CREATE)


def test_secrets_and_unknown_values_are_told_apart() -> None:
    topic = _plan(_step("create", inputs={"name": UNKNOWN_STRING, "policy": SECRET})).graph.resources[0]
    assert topic["name"] is UNKNOWN
    assert topic["policy"] == Secret("[secret]")


def test_the_engines_own_providers_are_left_out() -> None:
    default = "urn:pulumi:dev::shop::pulumi:providers:aws::default_7_51_1"
    own = "urn:pulumi:dev::shop::pulumi:providers:aws::recovery"
    assert [r.name for r in _plan(_step("create", default), _step("create", own)).graph.resources] == [
        "recovery"
    ]


def test_the_steps_of_a_replacement_are_one_change() -> None:
    because = {"keys": ["name"], "diffs": ["name", "tags"]}
    plan = _plan(
        _step("create-replacement", more=because),
        _step("replace", more=because),
        _step("delete-replaced", more={"old": _state(TOPIC)}),
    )
    assert plan.changes == {
        TOPIC: Change(operation=Operation.REPLACE, changed=("name", "tags"), forced_by=("name",))
    }


def test_what_is_deleted_is_in_the_plan() -> None:
    plan = _plan(_step("delete", inputs={"name": "orders"}))
    assert plan.changes[TOPIC].operation is Operation.DELETE
    assert plan.graph.resources[0]["name"] == "orders"


def test_every_operation_of_the_engine_has_a_meaning() -> None:
    for op in OpType:
        assert isinstance(_plan(_step(op.value)).changes[TOPIC].operation, Operation)


def test_outputs_are_those_of_the_end() -> None:
    plan = _plan(
        _step("create", STACK, parent=""),
        _event("resOutputsEvent", "create", STACK, outputs={"size": 3, "word": SECRET}),
    )
    assert plan.graph.stack_outputs == {"size": 3, "word": Secret("[secret]")}


def test_what_the_engine_says_is_an_error_or_a_message() -> None:
    plan = _plan(
        _diagnostic("error", "it failed\n"),
        _diagnostic("error", "it failed"),
        _diagnostic("error", "preview failed"),
        _diagnostic("warning", "it is late"),
        _diagnostic("info#err", "it says"),
        _diagnostic("debug", "it thinks"),
        _diagnostic("info", "passing", ephemeral=True),
    )
    assert plan.errors == ("it failed",)
    assert plan.graph.messages == (Message("warning", "it is late"), Message("info", "it says"))
    assert not plan.fine


def test_the_closing_error_counts_where_it_is_the_only_one() -> None:
    assert _plan(_diagnostic("error", "preview failed")).errors == ("preview failed",)


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
