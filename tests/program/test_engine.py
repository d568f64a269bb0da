"""What the evaluation says of a program is what the real engine says of it.

Providers are no part of it, so the program has components alone: their URNs, parents and aliases are where
the SDK's own mocks differ from the engine.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from infra.reading import ROOT
from preview.project import evaluate_project

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="needs the Pulumi CLI on PATH"),
]

STACK: Final = "production"
PROJECT: Final = """name: syncup
runtime:
  name: python
  options: {{ toolchain: pip, virtualenv: {venv} }}
"""
PROGRAM: Final = """import sys
sys.path.insert(0, {root!r})
import pulumi
from components.base import Component
from components.context import Context

class Layer(Component):
    def __init__(self, name, context, opts=None):
        super().__init__("syncup:test:Layer", name, context, opts)
        if opts is None:
            Layer(f"{{name}}-inner", context, self.child(depends_on=[first] if first else []))
            Layer(f"{{name}}-renamed", context, self.child(aliases=[pulumi.Alias(name=f"{{name}}-old")]))
        self.register_outputs({{"name": name, "hidden": pulumi.Output.secret(name)}})

context = Context(
    project="syncup", environment=pulumi.get_stack(), account_id="111122223333",
    region="us-west-2", recovery_region="us-east-2",
)
first = None
first = Layer("first", context)
Layer("second", context)
pulumi.export("environment", context.name("layer"))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a state of its own."""
    root = tmp_path / "program"
    root.mkdir()
    (root / "Pulumi.yaml").write_text(PROJECT.format(venv=sys.prefix), encoding="utf-8")
    (root / f"Pulumi.{STACK}.yaml").write_text("config: {}\n", encoding="utf-8")
    (root / "__main__.py").write_text(PROGRAM.format(root=str(ROOT)), encoding="utf-8")
    (tmp_path / "state").mkdir()
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path / 'state'}")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "test")
    monkeypatch.setenv("PULUMI_SKIP_UPDATE_CHECK", "true")
    _pulumi(root, "stack", "init", STACK, "--no-select")
    return root


def _pulumi(root: Path, *arguments: str) -> str:
    ended = subprocess.run(  # noqa: S603 (the engine, with arguments of ours)
        ["pulumi", *arguments, "--non-interactive"],  # noqa: S607
        cwd=root,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_components_have_the_engines_urns_and_parents(folder: Path) -> None:
    engine = json.loads(_pulumi(folder, "preview", "--stack", STACK, "--json"))
    planned = {step["urn"]: _what(step["newState"]) for step in engine["steps"]}
    evaluated = evaluate_project(folder, STACK)
    assert {one.urn: (one.type, one.parent, one.custom) for one in evaluated.graph.resources} == planned
    assert len(planned) == len(("stack", "first", "second")) + 2 * len(("inner", "renamed"))
    assert not evaluated.findings


def _what(state: Mapping[str, Any]) -> tuple[str, str, bool]:
    """A resource as the engine will keep it in its state."""
    return state["type"], state.get("parent", ""), state["custom"]
