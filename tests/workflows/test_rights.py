"""What workflows may do: as little as they need, with code that was reviewed, as the role that is theirs."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.reading import ROOT
from tests.bootstrap.evaluator import may_become
from tests.bootstrap.resolved import REPOSITORY, bootstrap
from tests.workflows.reading import ACTIONS, JOBS, WORKFLOWS, Job, read

EXPECTED = {"ci", "comment", "deploy", "drift", "preview", "recovery", "release", "rollback", "scan"}
WRITES = {
    ("comment", "pull-requests"),
    ("drift", "issues"),
    ("preview", "security-events"),
    ("scan", "security-events"),
}
"""What may be written at GitHub, by workflow."""
_ID = pytest.mark.parametrize("job", JOBS, ids=lambda job: f"{job.workflow}-{job.name}")
_FILE = pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
_STACKS = ("staging", "production")


def _values(job: Job, text: str) -> list[str]:
    """What an expression may be: a plain text, an input's choices, or a matrix' values."""
    found = re.fullmatch(r"\$\{\{ (?:matrix|inputs)\.(\w+) \}\}", text)
    if found is None:
        assert "${{" not in text
        return [text]
    matrix: dict[str, list[str]] = job.content.get("strategy", {}).get("matrix", {})
    if found[1] in matrix:
        return matrix[found[1]]
    file = next(file for file in WORKFLOWS if file.stem == job.workflow)
    return read(file)["on"]["workflow_dispatch"]["inputs"][found[1]]["options"]


def _accounts(job: Job) -> list[tuple[str, str]]:
    """The stacks and roles whose account a job enters."""
    return [
        (stack, given["role"])
        for given in job.using("./.github/actions/account")
        for stack in _values(job, given["stack"])
    ]


def _subjects(job: Job, stack: str) -> set[str]:
    """What GitHub says that a job is, for every event that runs it.

    https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
    """
    file = next(file for file in WORKFLOWS if file.stem == job.workflow)
    if "environment" in job.content:
        assert stack in _values(job, job.content["environment"])
        return {f"environment:{stack}"}
    events = set(read(file)["on"])
    if job.content.get("if") == "github.event_name == 'schedule'":
        events = {"schedule"}
    return {"pull_request" if event == "pull_request" else "ref:refs/heads/main" for event in events}


def test_there_is_each_of_them() -> None:
    assert {file.stem for file in WORKFLOWS} == EXPECTED


@_FILE
def test_nothing_is_allowed_by_default_and_each_job_says_what_it_needs(file: Path) -> None:
    content = read(file)
    assert content["permissions"] == {}
    assert content["name"] == file.stem
    for name, job in content["jobs"].items():
        assert "permissions" in job, name


@_ID
def test_a_job_writes_only_what_is_its_own(job: Job) -> None:
    permissions: dict[str, str] = job.content["permissions"]
    writes = {name for name, level in permissions.items() if level == "write"} - {"id-token"}
    assert {(job.workflow, name) for name in writes} <= WRITES
    assert set(permissions.values()) <= {"read", "write"}


@_ID
def test_only_who_enters_an_account_may_say_who_it_is(job: Job) -> None:
    assert (job.content["permissions"].get("id-token") == "write") is bool(_accounts(job))


@_ID
def test_a_job_becomes_the_role_that_its_subject_may(job: Job) -> None:
    for stack, role in _accounts(job):
        found = bootstrap(stack)
        provider = f"arn:aws:iam::{found.account}:oidc-provider/token.actions.githubusercontent.com"
        trust = found.trust(f"{role.title()}Role")
        for subject in _subjects(job, stack):
            token = f"repo:{REPOSITORY}:{subject}"
            assert may_become(trust, provider, "sts.amazonaws.com", token), f"{role} of {stack} for {subject}"


def test_every_role_has_its_workflow() -> None:
    entered = {account for job in JOBS for account in _accounts(job)}
    assert {role for _, role in entered} == {"preview", "deploy", "drift", "recovery"}
    assert {(stack, "deploy") for stack in _STACKS} <= entered


@_ID
def test_a_role_lasts_for_as_long_as_the_job_and_no_longer_than_it_may(job: Job) -> None:
    for given in job.using("./.github/actions/account"):
        seconds = int(given.get("seconds", "3600"))
        assert job.content["timeout-minutes"] * 60 <= seconds
        for stack, role in _accounts(job):
            properties = bootstrap(stack).properties(f"{role.title()}Role")
            assert seconds <= properties.get("MaxSessionDuration", 3600)


@_ID
def test_a_job_ends(job: Job) -> None:
    assert job.content["timeout-minutes"] <= 240


@_FILE
def test_a_stack_is_changed_by_one_run_at_a_time_and_none_is_cancelled(file: Path) -> None:
    content = read(file)
    for name, job in content["jobs"].items():
        if "environment" in job:
            concurrency = job.get("concurrency") or content["concurrency"]
            assert concurrency["group"] == f"stack-{job['environment']}", name
            assert concurrency["cancel-in-progress"] is False
        else:
            assert "concurrency" in content, name


@_ID
def test_what_is_checked_out_keeps_no_credential(job: Job) -> None:
    for given in job.using("actions/checkout@"):
        assert given["persist-credentials"] is False


def test_actions_are_pinned_by_commit_with_the_version_beside_it() -> None:
    uses: dict[str, set[str]] = {}
    for file in (*WORKFLOWS, *ACTIONS):
        for line in file.read_text(encoding="utf-8").splitlines():
            if "uses:" in line and "uses: ./" not in line:
                found = re.search(r"uses: ([\w.-]+/[\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)$", line)
                assert found, f"{file.name}: {line}"
                uses.setdefault(found[1], set()).add(f"{found[2]} {found[3]}")
    assert len(uses) >= 7
    assert [action for action, versions in uses.items() if len(versions) > 1] == []


def test_the_cli_is_of_the_sdks_version() -> None:
    (setup,) = (file for file in ACTIONS if file.parent.name == "setup")
    wanted = re.search(r"^pulumi==([\d.]+)", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    steps: list[Any] = read(setup)["runs"]["steps"]
    (installed,) = (
        step["with"]["pulumi-version"] for step in steps if "pulumi/actions@" in step.get("uses", "")
    )
    assert wanted is not None
    assert installed == wanted[1]


def test_foreign_code_never_runs_with_rights() -> None:
    """A fork's has no token that writes, no secret, no account. What writes runs the base's code."""
    assert not [file.name for file in WORKFLOWS if "pull_request_target" in read(file)["on"]]
    for job in JOBS:
        if job.workflow == "preview" and job.name != "branch":
            assert "id-token" not in job.content["permissions"]
            assert not [value for value in job.environment.values() if "secrets." in value]
        if job.workflow == "comment":
            assert job.using("actions/checkout@") == [{"persist-credentials": False}]
            assert not [value for value in job.environment.values() if "secrets." in value]


@_FILE
def test_what_others_write_reaches_no_shell_but_by_a_variable(file: Path) -> None:
    for job in (job for job in JOBS if job.workflow == file.stem):
        assert not [step["run"] for step in job.steps if "${{" in step.get("run", "")]


def test_deploying_waits_for_the_tests_and_production_for_staging() -> None:
    (deploy,) = (file for file in WORKFLOWS if file.stem == "deploy")
    content = read(deploy)
    assert content["on"]["workflow_run"] == {
        "workflows": ["ci"],
        "types": ["completed"],
        "branches": ["main"],
    }
    jobs: dict[str, Any] = content["jobs"]
    assert "github.event.workflow_run.conclusion == 'success'" in jobs["staging"]["if"]
    assert "github.event.workflow_run.event == 'push'" in jobs["staging"]["if"]
    by_hand = "github.event_name == 'workflow_dispatch' && github.ref == 'refs/heads/main'"
    assert by_hand in jobs["staging"]["if"]
    assert jobs["production"]["needs"] == "staging"
    assert jobs["production"]["environment"] == "production"


def test_every_supported_python_is_tested() -> None:
    (test,) = (job for job in JOBS if (job.workflow, job.name) == ("ci", "test"))
    assert test.content["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]


def test_zizmor_finds_nothing() -> None:
    zizmor = Path(sys.executable).parent / "zizmor"
    done = subprocess.run(  # noqa: S603 (our own words)
        [zizmor, "--offline", "--quiet", "--format", "json", str(ROOT / ".github")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(done.stdout) == [], done.stderr


def test_actionlint_finds_nothing() -> None:
    actionlint = shutil.which("actionlint", path=str(Path(sys.executable).parent))
    if actionlint is None:
        pytest.skip("`make lint` builds actionlint where go is on PATH")
    done = subprocess.run([actionlint], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 (as above)
    assert (done.returncode, done.stdout) == (0, "")


def test_each_exception_gives_its_reason() -> None:
    """In its line for a single finding, above it in the configuration."""
    for file in (*WORKFLOWS, *ACTIONS):
        for line in file.read_text(encoding="utf-8").splitlines():
            if "zizmor: ignore[" in line:
                assert re.search(r"zizmor: ignore\[[\w-]+\] \w+", line), line
    config = (ROOT / ".github" / "zizmor.yml").read_text(encoding="utf-8")
    for rule in re.findall(r"^  ([\w-]+):\n(.*)\n    disable: true", config, re.MULTILINE):
        assert rule[1].strip().startswith("#"), rule[0]
