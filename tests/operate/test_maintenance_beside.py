"""Maintenance beside the database: the cache's walk on a real server, and the logs."""

import ast
import json
import os
import subprocess
import sys
import time as clock
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from components.cache import _ACCESS  # pyright: ignore[reportPrivateUsage] (the very rights)
from operate import cache_script, maintenance_cache, maintenance_logs, run_command
from operate.errors import OperationError, RemoteError
from operate.outputs import Outputs
from operate.stack import Stack
from tests.functions import cache_server
from tests.functions.cache_server import CacheServer
from tests.operate import healthy
from tests.operate.double import Answer, Aws, Parameters, Time, error
from tests.operate.healthy import OUTPUTS

_LONG = timedelta(minutes=10)
_PASSWORD = "of-tests-alone"  # noqa: S105 (of a server that lives for a moment)


@pytest.fixture(scope="module")
def server() -> Iterator[CacheServer]:
    with cache_server.serving() as found:
        found.command("ACL", "SETUSER", "application", *_ACCESS.split(), f">{_PASSWORD}")
        found.command("DEBUG", "SET-ACTIVE-EXPIRE", "0")
        yield found


@pytest.fixture
def filled(server: CacheServer) -> CacheServer:
    """Keys that have expired and that nobody has looked at since, and others."""
    server.command("FLUSHALL")
    for number in range(1200):
        server.command("SET", f"gone:{number}", "x", "PX", "1")
    for number in range(20):
        server.command("SET", f"alive:{number}", "x", "EX", "1000")
    server.command("SET", "forever", "x")
    clock.sleep(0.01)
    return server


def _environment(server: CacheServer) -> dict[str, str]:
    return {
        "CACHE_HOST": "127.0.0.1",
        "CACHE_PORT": str(server.port),
        "CACHE_USERNAME": "application",
        "CACHE_PASSWORD": _PASSWORD,
        "CACHE_TLS": "false",
    }


def test_the_walk_frees_what_has_expired_with_the_applications_rights_alone(filled: CacheServer) -> None:
    with cache_script.Cache(_environment(filled)) as cache:
        seen = cache_script.clean(cache, 60)
    assert seen["complete"]
    assert (seen["keys"], seen["without_expiry"], seen["expired"]) == (21, 1, 1200)
    assert seen["bytes_after"] < seen["bytes_before"]
    assert filled.command("DBSIZE") == ":21"


def test_a_walk_without_time_says_that_it_is_not_complete(filled: CacheServer) -> None:
    with cache_script.Cache(_environment(filled)) as cache:
        assert cache_script.clean(cache, 0)["complete"] is False


def test_an_instances_shell_runs_it_and_no_secret_is_in_it(
    filled: CacheServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "application.env"
    lines = [f"{key}={json.dumps(value)}" for key, value in _environment(filled).items()]
    file.write_text("\n".join([*lines, "", "# comment"]), encoding="utf-8")
    monkeypatch.setattr(maintenance_cache, "_ENVIRONMENT", str(file))
    script = maintenance_cache.script(30)
    assert _PASSWORD not in script
    assert len(script) < 10_000
    (tmp_path / "python3").symlink_to(sys.executable)
    ran = subprocess.run(  # noqa: S603 (our own)
        ["/bin/sh", "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": f"{tmp_path}{os.pathsep}/usr/bin:/bin"},
    )
    assert json.loads(ran.stdout)["keys"] == 21


def test_the_instances_older_python_can_read_it() -> None:
    ast.parse(Path(cache_script.__file__).read_text(encoding="utf-8"), feature_version=(3, 9))


def test_a_refusal_shows_no_password(filled: CacheServer, tmp_path: Path) -> None:
    file = tmp_path / "env"
    wrong = {**_environment(filled), "CACHE_PASSWORD": "wrong-password"}
    file.write_text("\n".join(f"{key}={value}" for key, value in wrong.items()), encoding="utf-8")
    ran = subprocess.run(  # noqa: S603 (our own)
        [sys.executable, cache_script.__file__, str(file), "5"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert "WRONGPASS" in ran.stderr
    assert "wrong-password" not in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def commanded(*statuses: str, out: str = "", err: str = "") -> dict[str, Answer]:
    """Systems Manager, which is so far each time it is asked."""
    left = list(statuses)

    def invocation(_: Parameters) -> Any:
        status = left.pop(0) if len(left) > 1 else left[0]
        if status == "unknown":
            return error("InvocationDoesNotExist")
        return {"Status": status, "StandardOutputContent": out, "StandardErrorContent": err}

    return {
        "ssm.SendCommand": {"Command": {"CommandId": "0123456789abcdef0123456789abcdef0123"}},
        "ssm.GetCommandInvocation": invocation,
        "ssm.CancelCommand": {},
    }


CLEANED = json.dumps(
    {
        "complete": True,
        "keys": 21,
        "without_expiry": 1,
        "expired": 1200,
        "evicted_ever": 0,
        "bytes_before": 2048,
        "bytes_after": 1024,
    }
)


def test_the_walk_runs_on_one_instance(stack: Stack, aws: Aws) -> None:
    aws.answers.update(commanded("unknown", "Pending", "InProgress", "Success", out=CLEANED))
    assert maintenance_cache.clean(stack, _LONG).expired == 1200
    (sent,) = aws.named("ssm.SendCommand")
    assert sent["InstanceIds"] == ["i-1"]
    assert sent["Parameters"]["executionTimeout"] == ["600"]
    assert "/run/syncup/application.env 480 " in sent["Parameters"]["commands"][0]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (commanded("Failed", err="a\nOSError: refused"), "ended with Failed: OSError: refused"),
        (commanded("TimedOut"), "ended with TimedOut: no word"),
        (commanded("Success", out="what?"), "does not say what it did"),
        (commanded("Success", out=""), "does not say what it did"),
        (commanded("Success", out="{}"), "does not say what it did"),
    ],
)
def test_what_goes_wrong_there_is_one_line(
    stack: Stack, aws: Aws, answers: dict[str, Answer], said: str
) -> None:
    aws.answers.update(answers)
    with pytest.raises(RemoteError) as failed:
        maintenance_cache.clean(stack, _LONG)
    assert said in str(failed.value)
    assert "\n" not in str(failed.value)


def test_without_an_instance_nobody_reaches_the_cache(stack: Stack, aws: Aws) -> None:
    aws.answers["autoscaling.DescribeAutoScalingGroups"] = healthy.group()
    with pytest.raises(OperationError, match="only they reach the cache"):
        maintenance_cache.clean(stack, _LONG)
    assert aws.changes == []


def test_on_local_the_secret_opens_it(filled: CacheServer, stack: Stack, aws: Aws) -> None:
    secret = {"username": "application", "password": _PASSWORD}
    aws.answers["secretsmanager.GetSecretValue"] = {"SecretString": json.dumps(secret)}
    outputs = Outputs("local", {**OUTPUTS, "cache-endpoint": f"127.0.0.1:{filled.port}"})
    here = Stack(name="local", outputs=outputs, clients=stack.clients, clock=stack.clock)
    assert maintenance_cache.clean(here, _LONG).keys == 21


def test_an_interrupt_ends_the_command_on_the_instances(
    stack: Stack, aws: Aws, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.answers.update(commanded("InProgress"))

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run_command, "_POLL_SECONDS", 0)
    object.__setattr__(stack, "clock", type(stack.clock)(now=lambda: time.now, sleep=interrupt))
    with pytest.raises(KeyboardInterrupt):
        run_command.run(stack, ["i-1"], "true", _LONG)
    assert aws.calls[-1].name == "ssm.CancelCommand"


GROUPS: dict[str, Answer] = {
    "logs.DescribeLogGroups": {
        "logGroups": [
            {"logGroupName": "/syncup/staging/application", "retentionInDays": 365, "storedBytes": 1},
            {"logGroupName": "/aws/lambda/syncup-staging-old", "storedBytes": 2048},
            {"logGroupName": "/aws/lambda/syncup-production-old", "storedBytes": 2048},
            {"logGroupName": "/somebody/else"},
        ]
    },
    "logs.PutRetentionPolicy": {},
}


def test_only_the_stacks_own_endless_groups_are_bounded(stack: Stack, aws: Aws) -> None:
    aws.answers.update(GROUPS)
    (found,) = maintenance_logs.endless(stack)
    assert (found.name, found.size_bytes) == ("/aws/lambda/syncup-staging-old", 2048)
    maintenance_logs.bound(stack, found, 365)
    assert aws.named("logs.PutRetentionPolicy") == [{"logGroupName": found.name, "retentionInDays": 365}]


def test_logs_are_rotated_on_every_instance_in_service(stack: Stack, aws: Aws) -> None:
    aws.answers.update(commanded("Success", out="42%"))
    assert [(one.instance, one.says) for one in maintenance_logs.rotate(stack, _LONG)] == [
        ("i-1", "42%"),
        ("i-2", "42%"),
    ]
    aws.answers["autoscaling.DescribeAutoScalingGroups"] = healthy.group()
    assert maintenance_logs.rotate(stack, _LONG) == []
