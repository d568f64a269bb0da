"""The stand-in for Datadog's SDK says on the wire what the SDK says: held against the SDK's own text."""

import ast
import re
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components._datadog import SECRET_INPUTS, datadog, type_token, wire_name, wire_properties
from preview.values import Secret
from tests.harness import build

PROJECT = Path(__file__).parents[2]
Use = tuple[str, str]
"""A class of the SDK with its module, `index` where it has none."""


def _sdk() -> Path:
    """Where the SDK lies. Finding it does not import it."""
    spec = find_spec("pulumi_datadog")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _called(call: ast.Call) -> Use | None:
    """`datadog.aws.IntegrationAccount(…)` is (`aws`, `IntegrationAccount`)."""
    match call.func:
        case ast.Attribute(value=ast.Name(id="datadog"), attr=name):
            return "index", name
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id="datadog"), attr=module), attr=name):
            return module, name
        case _:
            return None


def _uses() -> dict[Use, set[str]]:
    """Every class of the SDK that the components use, with the arguments that they give it."""
    found: dict[Use, set[str]] = {}
    for path in sorted((PROJECT / "components").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (use := _called(node)) is not None:
                found.setdefault(use, set()).update(
                    keyword.arg for keyword in node.keywords if keyword.arg not in (None, "opts")
                )
    return found


@cache
def _inputs(module: str) -> str:
    folder = _sdk() if module == "index" else _sdk() / module
    return (folder / "_inputs.py").read_text(encoding="utf-8")


def _text(use: Use) -> str:
    """The SDK's text about a class: one class of the inputs, or a resource's own file."""
    module, name = use
    if name.endswith("Args"):
        start = _inputs(module).index(f"\nclass {name}:\n")
        end = _inputs(module).find("\n@pulumi.input_type", start)
        return _inputs(module)[start : end if end > 0 else None]
    folder = _sdk() if module == "index" else _sdk() / module
    file = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return (folder / f"{file}.py").read_text(encoding="utf-8")


def _wire_names(text: str) -> dict[str, str]:
    """By Python name, the name on the wire, as the getters of the text say."""
    getter = re.compile(r'@pulumi\.getter(?:\(name="(\w+)"\))?\n    def (\w+)\(self\)')
    return {python: wire or python for wire, python in getter.findall(text)}


def _cases(uses: Iterable[tuple[Use, set[str]]]) -> list[Any]:
    return [pytest.param(use, names, id=".".join(use)) for use, names in uses]


USES = sorted(_uses().items())
RESOURCES = [(use, names) for use, names in USES if not use[1].endswith("Args")]


def test_the_components_use_the_sdk_at_all() -> None:
    assert {("index", "Monitor"), ("aws", "IntegrationAccount"), ("pagerduty", "ServiceObject")} <= set(
        _uses()
    )


@pytest.mark.parametrize(("use", "names"), _cases(USES))
def test_every_argument_exists_and_has_the_sdks_name_on_the_wire(use: Use, names: set[str]) -> None:
    known = _wire_names(_text(use))
    assert {name: wire_name(name) for name in names} == {name: known.get(name) for name in names}


@pytest.mark.parametrize(("use", "names"), _cases(RESOURCES))
def test_every_resource_has_the_sdks_type_token_and_keeps_the_same_secrets(use: Use, names: set[str]) -> None:
    text, token = _text(use), type_token(*use)
    assert f"'{token}'" in text
    secrets = re.findall(
        r'__props__\.__dict__\["(\w+)"\] = None if \w+ is None else pulumi\.Output\.secret', text
    )
    assert tuple(map(wire_name, secrets)) == SECRET_INPUTS.get(token, ())
    assert "aliases=" not in text


def test_no_class_is_used_for_which_a_required_argument_is_missing() -> None:
    for use, names in RESOURCES:
        required = re.findall(r"Missing required property '(\w+)'", _text(use))
        assert set(required) <= names, use


def test_a_resource_goes_to_the_monitor_as_the_sdk_would_send_it() -> None:
    def program() -> None:
        monitor = datadog.Monitor(
            "some",
            name="Some",
            type="query alert",
            message="…",
            query="avg(last_5m):avg:a.b{c:d} > 5",
            monitor_thresholds=datadog.MonitorMonitorThresholdsArgs(critical="5", warning_recovery="1"),
            evaluation_delay=900,
            tags=["snake_case:kept"],
        )
        datadog.pagerduty.ServiceObject("pager", service_name="pager", service_key="key")
        pulumi.export("identifier", monitor.id)

    graph = build(program, known=True)
    monitor = graph.one("datadog:index/monitor:Monitor")
    assert monitor["monitorThresholds"] == {"critical": "5", "warningRecovery": "1"}
    assert monitor["evaluationDelay"] == 900
    assert monitor["tags"] == ["snake_case:kept"]
    assert "renotifyInterval" not in monitor.inputs
    pager = graph.one("datadog:pagerduty/serviceObject:ServiceObject")
    assert pager["serviceKey"] == Secret("key")
    assert pager.options.additional_secret_outputs == ("serviceKey",)
    assert isinstance(graph.stack_outputs["identifier"], str)


def test_the_plugin_is_asked_for_in_the_sdks_version() -> None:
    plugin = (_sdk() / "pulumi-plugin.json").read_text(encoding="utf-8")
    assert f'"version": "{version("pulumi-datadog")}"' in plugin


def test_what_is_not_set_does_not_travel() -> None:
    assert wire_properties({"no_data_timeframe": None, "timeout_h": 1}) == {"timeoutH": 1}


def test_private_names_of_the_package_do_not_exist() -> None:
    with pytest.raises(AttributeError):
        _ = getattr(datadog, "_wrapped")  # noqa: B009 (pyright would see a private name)


def test_the_real_sdk_is_imported_for_type_checkers_alone() -> None:
    assert datadog.Monitor is not None
    assert not [name for name in sys.modules if name.startswith("pulumi_datadog")]
    importing = re.compile(r"^ *(import|from) pulumi_datadog", re.MULTILINE)
    ours = [
        path for path in PROJECT.glob("*/**/*.py") if not path.relative_to(PROJECT).parts[0].startswith(".")
    ]
    found = [path.name for path in ours if importing.search(path.read_text(encoding="utf-8"))]
    assert found == ["_datadog.py"]
