"""After a command a preview shows no change: what it does in AWS is nothing that the program manages."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from cli.exit_codes import ExitCode
from cli.main import run
from infra.ownership import OWNED, PARAMETERS, UNDECLARED
from tests.cli.lines import CHANGING, Line
from tests.operate import recovering
from tests.operate.double import Aws, Call, Time
from tests.operate.recovering import AT, NAME
from tests.program.stacks import built

_GROUP: Final = "aws:autoscaling/group:Group"
_VERSION: Final = "mixed_instances_policy.launch_template.launch_template_specification.version"
_PROPERTIES: Final[Mapping[str, tuple[str, str]]] = {
    "autoscaling.CancelInstanceRefresh": (_GROUP, _VERSION),
    "autoscaling.ResumeProcesses": (_GROUP, "suspended_processes"),
    "autoscaling.RollbackInstanceRefresh": (_GROUP, _VERSION),
    "autoscaling.StartInstanceRefresh": (_GROUP, _VERSION),
    "autoscaling.SuspendProcesses": (_GROUP, "suspended_processes"),
}
"""By call, the property that it changes, which the ownership table gives away."""
_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "autoscaling.TerminateInstanceInAutoScalingGroup": (),
    "codebuild.StartBuild": (),
    "lambda.Invoke": (),
    "secretsmanager.PutSecretValue": ("aws:secretsmanager/secretVersion:SecretVersion",),
    "secretsmanager.RotateSecret": ("aws:secretsmanager/secretVersion:SecretVersion",),
    "secretsmanager.UpdateSecretVersionStage": ("aws:secretsmanager/secretVersion:SecretVersion",),
    "ssm.CancelCommand": (),
    "ssm.SendCommand": (),
}
"""By call, what it makes or ends: of these types the program declares nothing, or there is no such type."""


_OBJECTS: Final = ("aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2")

pytestmark = pytest.mark.usefixtures("page")


@pytest.fixture
def _restorable(aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: Time) -> None:
    """A stack that can be brought back, and a copy of its files."""
    recovering.standing(tmp_path, aws, time, monkeypatch)


def _declared(*types: str) -> list[Any]:
    return [resource for resource in built("staging").known.resources if resource.type in types]


def _is_nobody_elses(call: Call) -> bool:
    """Whether the program has no say in what a call changes."""
    if call.name in _PROPERTIES:
        return _PROPERTIES[call.name] in {(owned.type, owned.property) for owned in OWNED}
    if call.name in {"ssm.PutParameter", "ssm.DeleteParameter"}:
        return call.parameters["Name"].removeprefix("/syncup/staging/") in PARAMETERS
    if call.name == "logs.PutRetentionPolicy":
        groups = _declared("aws:cloudwatch/logGroup:LogGroup")
        return call.parameters["logGroupName"] not in {group.inputs.get("name") for group in groups}
    if call.name == "s3.PutObject":
        keys = {one.inputs.get("key") for one in _declared(*_OBJECTS)}
        return call.parameters["Key"] not in keys
    return call.name in _TYPES and not _declared(*_TYPES[call.name])


@pytest.mark.parametrize("line", CHANGING, ids=lambda line: line.words)
def test_what_a_command_changes_is_not_the_programs(
    line: Line, aws: Aws, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    time.now = line.now
    monkeypatch.setattr("sys.stdin", io.StringIO(line.typed))
    aws.answers.update(line.answers())
    assert run(line.arguments) is ExitCode.FINE
    changing = [call for call in aws.calls if call.changes]
    assert changing
    assert [call.name for call in changing if not _is_nobody_elses(call)] == []


@pytest.mark.usefixtures("_restorable")
@pytest.mark.parametrize(
    "words",
    [
        ("restore", "staging", "--backup", NAME),
        ("restore", "staging", "--timestamp", AT),
        ("test", "staging"),
    ],
)
def test_what_a_restore_changes_beside_the_program_is_not_the_programs(
    words: Sequence[str], aws: Aws
) -> None:
    """To a moment the database comes by a change of the stack's file, which the program brings about."""
    assert run(["backup", *words]) is ExitCode.FINE
    changing = [call for call in aws.calls if call.changes]
    assert changing
    assert [call.name for call in changing if not _is_nobody_elses(call)] == []


def test_values_of_secrets_are_declared_nowhere() -> None:
    assert not _declared(*UNDECLARED)
