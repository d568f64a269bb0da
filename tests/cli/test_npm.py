"""The guide's npm spellings: each leads to its command, and none loses what was typed behind it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.commands import root
from cli.exit_codes import ExitCode
from cli.guide_lines import LINES
from cli.npm import refusal
from infra.reading import ROOT

PACKAGE: Mapping[str, Any] = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
SCRIPTS: Mapping[str, str] = PACKAGE["scripts"]
NPM = shutil.which("npm")


def test_the_package_is_scripts_alone() -> None:
    assert set(PACKAGE) == {"private", "scripts"}
    assert PACKAGE["private"] is True


def test_each_spelling_of_the_guide_is_a_script_and_no_other() -> None:
    assert {line.script: f".venv/bin/syncup {line.command}" for line in LINES if line.script} == SCRIPTS


def _refused(event: str, handed_on: list[str], **config: str) -> str | None:
    script = SCRIPTS[event]
    environ = {"npm_lifecycle_event": event, "npm_lifecycle_script": script}
    environ |= {f"npm_config_{name}": value for name, value in config.items()}
    words = [*script.split()[1:], *handed_on]
    return refusal(root(words[0]), words, environ)


@pytest.mark.parametrize(
    ("event", "handed_on", "config", "line"),
    [
        ("logs:error", ["100"], {"limit": "true"}, "npm run logs:error -- --limit 100"),
        ("logs:api", ["50"], {"limit": "true"}, "npm run logs:api -- --limit 50"),
        ("deployments:list", ["5"], {"limit": "true"}, "npm run deployments:list -- --limit 5"),
        ("monitor", ["5m"], {"duration": "true"}, "npm run monitor -- --duration 5m"),
        ("logs:search", ["a b", "5"], {"limit": "true"}, "npm run logs:search -- 'a b' --limit 5"),
        ("logs:error", [], {"follow": "true"}, "npm run logs:error -- --follow"),
        ("status", [], {"json": "true"}, "npm run status -- --json"),
        ("stop:production", [], {"dry_run": "true"}, "npm run stop:production -- --dry-run"),
        ("backup:prod", [], {"yes": "true"}, "npm run backup:prod -- --yes"),
        ("update:secret", [], {}, "npm run update:secret -- --key NAME"),
    ],
)
def test_what_npm_keeps_is_refused_with_the_line_to_type(
    event: str, handed_on: list[str], config: dict[str, str], line: str
) -> None:
    refused = _refused(event, handed_on, **config)
    assert refused is not None
    assert refused.endswith(f": type {line}")
    assert "\n" not in refused


def test_a_value_that_was_typed_is_not_repeated() -> None:
    refused = _refused("update:secret", ["postgresql://app:hunter2@host/db"], value="true")
    assert refused == (
        "npm keeps --key, --value for itself; a value in a command line is for everybody to see: "
        "type npm run update:secret -- --key NAME"
    )


@pytest.mark.parametrize(
    ("event", "handed_on", "config"),
    [
        ("status", [], {}),
        ("status", [], {"limit": "true"}),
        ("status", ["--json"], {"json": "true"}),
        ("logs:error", ["--limit", "100"], {}),
        ("logs:error", ["--limit=100"], {"limit": "true"}),
        ("logs:error", [], {"yes": "true"}),
        ("logs:search", ["query"], {"json": ""}),
        ("update:secret", ["--key", "JWT_SECRET"], {}),
        ("backup:prod", [], {"yes": "", "dry_run": "false"}),
    ],
)
def test_what_npm_hands_on_is_let_through(event: str, handed_on: list[str], config: dict[str, str]) -> None:
    assert _refused(event, handed_on, **config) is None


def test_a_call_of_its_own_below_npm_is_no_business_of_npms() -> None:
    environ = {
        "npm_lifecycle_event": "test",
        "npm_lifecycle_script": "make test",
        "npm_config_json": "true",
    }
    assert refusal(root("status"), ["status", "staging"], environ) is None


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The package where `npm` finds it, and a `syncup` that is this one."""
    shutil.copy(ROOT / "package.json", tmp_path)
    command = tmp_path / ".venv" / "bin" / "syncup"
    command.parent.mkdir(parents=True)
    program = "import sys; from cli.main import main; main()"
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -c "{program}" "$@"\n', encoding="utf-8"
    )
    command.chmod(0o755)
    return tmp_path


@pytest.mark.skipif(NPM is None, reason="npm is not installed")
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("logs:error --limit 100", r"type npm run logs:error -- --limit 100$"),
        ("stop:production --dry-run", r"type npm run stop:production -- --dry-run$"),
        ("update:secret --key DATABASE_URL --value hunter2", r"type npm run update:secret -- --key NAME$"),
        ("update:secret -- --key MOON", r"'MOON' is no secret|no AWS credentials|could not be reached"),
        ("monitor -- --duration never", r"'never': write a whole number"),
    ],
)
def test_the_real_npm_hands_on_or_is_found_out(project: Path, typed: str, said: str) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("npm_", "AWS_"))}
    environ |= {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": "nowhere",
        "AWS_CONFIG_FILE": "nowhere",
        "npm_config_cache": str(project / "cache"),
        "npm_config_update_notifier": "false",
    }
    ended = subprocess.run(  # noqa: S603 (npm, on our own scripts)
        [str(NPM), "run", "--silent", *typed.split()],
        cwd=project,
        env=environ,
        check=False,
        capture_output=True,
        text=True,
    )
    assert re.search(said, ended.stderr, re.MULTILINE), ended.stderr
    assert ended.stdout == ""
    assert ended.returncode in {ExitCode.USAGE, ExitCode.REMOTE}
    ours = [line for line in ended.stderr.splitlines() if not line.startswith("npm ")]
    assert "hunter2" not in "".join(ours)
