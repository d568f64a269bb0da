"""A Pulumi CLI that says what a test has written down: the other side of driving it, without an engine."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import sleep
from typing import Any, Final

import pytest

from tests.preview.programs import project

STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
BUCKET = "urn:pulumi:dev::shop::aws:s3/bucket:Bucket::orders"
DATABASE = "urn:pulumi:dev::shop::aws:rds/instance:Instance::main"
LOCKED = (
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or "
    "delete the lock file with `pulumi cancel`.\n"
    "  file:///state/.pulumi/locks/dev/1.json: created by ben@laptop (pid 12438) at 2026-11-24T12:00:00Z"
)
"""As the engine writes it where the state is kept in files."""
_SCRIPT = """#!/bin/sh
[ "$1" = version ] && echo v3.200.0 && exit
shift
echo "$@" >> "FOLDER/calls"
said="FOLDER/$1"
[ "$1" = stack ] && said="FOLDER/stack-$2"
while [ $# -gt 0 ]; do [ "$1" = --event-log ] && log=$2; shift; done
[ -n "$log" ] && [ -f "$said.events" ] && cat "$said.events" >> "$log"
if [ -f "$said.waits" ]; then
    trap 'echo > "$said.interrupted"; exit 255' INT
    kill -$(cat "$said.waits")
    while :; do sleep 0.02; done
fi
if [ -f "$said.lasts" ]; then
    echo > "$said.begun"
    while [ ! -f "$said.goes" ]; do sleep 0.02; done
    echo "one more resource"
    echo > "$said.ended"
fi
[ -f "$said.out" ] && cat "$said.out"
[ -f "$said.err" ] && cat "$said.err" >&2 && exit 255
exit 0
"""
"""Of this version, events go to a file; later ones send them."""
_SUMMARY: Final[Mapping[str, Any]] = {
    "summaryEvent": {"maybeCorrupt": False, "durationSeconds": 1, "resourceChanges": {}, "PolicyPacks": {}}
}
_NOTHING: Final[Mapping[str, Any]] = {}
_HISTORY: Final[Mapping[str, Any]] = {
    "kind": "update",
    "startTime": "2026-11-24T12:00:00.000Z",
    "message": "",
    "environment": {},
    "config": {},
    "result": "succeeded",
}


class Recorded:
    """What the CLI says, by operation: `preview`, `up`, `refresh`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._said = folder / "said"
        self._said.mkdir()
        cli = self._said / "pulumi"
        cli.write_text(_SCRIPT.replace("FOLDER", str(self._said)), encoding="utf-8")
        cli.chmod(0o700)
        monkeypatch.setenv("PATH", f"{self._said}:/usr/bin:/bin")
        self.project = project(folder, "")
        self._write("stack-output.out", "{}")
        self._write("stack-history.out", json.dumps([_HISTORY]))
        self.saved()
        for operation in ("preview", "up", "refresh"):
            self.says(operation)

    def says(self, operation: str, *events: Mapping[str, Any], complaint: str = "") -> None:
        """What an operation reports, and, where it fails, what it complains of."""
        summary = [] if complaint else [_SUMMARY]
        reported: list[Mapping[str, Any]] = [*events, *summary, {"cancelEvent": {}}]
        lines = [json.dumps({"sequence": n, "timestamp": 1, **event}) for n, event in enumerate(reported)]
        self._write(f"{operation}.events", "".join(f"{line}\n" for line in lines))
        (self._said / f"{operation}.err").unlink(missing_ok=True)
        if complaint:
            self._write(f"{operation}.err", complaint)

    def replays(self, operation: str, recorded: Path, complaint: str) -> None:
        """Has an operation report what the real engine reported, and fail."""
        self._write(f"{operation}.events", recorded.read_text(encoding="utf-8"))
        self._write(f"{operation}.err", complaint)

    def interrupts(self, operation: str, signal: str) -> None:
        """Sends the test a signal in the middle of an operation, and has the CLI wait until it is told."""
        self._write(f"{operation}.waits", f"{signal} {os.getpid()}")

    def lasts(self, operation: str) -> None:
        """Makes an operation last until `let_go`."""
        self._write(f"{operation}.lasts", "")

    def has(self, operation: str, what: str) -> bool:
        """Waits a while until an operation has `begun` or `ended`, and says whether it has."""
        for _ in range(1000):
            if (self._said / f"{operation}.{what}").exists():
                return True
            sleep(0.02)
        return False

    def let_go(self, operation: str) -> None:
        """Lets an operation that lasts say one more line, and come to its end."""
        self._write(f"{operation}.goes", "")

    def was_interrupted(self, operation: str) -> bool:
        """Whether the CLI was told."""
        return (self._said / f"{operation}.interrupted").exists()

    def saved(
        self, at: str = "2026-11-24T12:00:00Z", *, made: bool = True, pending: Sequence[str] = ()
    ) -> None:
        """The state: when it was written, whether it has outputs, and the URNs of what was begun."""
        outputs = {"url": "https://dev.example.com"} if made else {}
        deployment = {
            "manifest": {"time": at},
            "resources": [{**_named(STACK), "outputs": outputs}, _named(BUCKET)],
            "pending_operations": [{"type": "creating", "resource": _named(urn)} for urn in pending],
        }
        self._write("stack-export.out", json.dumps({"version": 3, "deployment": deployment}))

    @property
    def calls(self) -> list[str]:
        """The operations that were asked for, with their options."""
        return (self._said / "calls").read_text(encoding="utf-8").splitlines()

    def _write(self, name: str, text: str) -> None:
        (self._said / name).write_text(text, encoding="utf-8")


def step(op: str, urn: str, *, done: bool = False, failed: bool = False, **state: Any) -> dict[str, Any]:
    """The event of a step: of its beginning, or of its end."""
    kind = "resOutputsEvent" if done else "resOpFailedEvent" if failed else "resourcePreEvent"
    side = "old" if op == "delete" else "new"
    types = {"type": _named(urn)["type"], "provider": ""}
    resource: dict[str, Any] = {
        **_named(urn),
        "id": "",
        "parent": STACK,
        "provider": "",
        "inputs": _NOTHING,
        "outputs": _NOTHING,
    }
    metadata: dict[str, Any] = {
        "op": op,
        "urn": urn,
        **types,
        side: {"custom": "pulumi:pulumi" not in urn, **resource, **state},
    }
    return {kind: {"metadata": metadata, **({"status": 1, "steps": 1} if failed else {})}}


def complaint(message: str) -> dict[str, Any]:
    """The event of an error."""
    return {"diagnosticEvent": {"severity": "error", "message": message, "color": "never"}}


def judged(urn: str, text: str, level: str = "mandatory", rule: str = "vpc-flow-logs") -> dict[str, Any]:
    """The event of a rule's finding: what is wrong, or what `cannot be decided: `."""
    said = {
        "resourceUrn": urn,
        "message": f"A title\n{text}\nto fix it",
        "color": "never",
        "policyName": rule,
    }
    pack = {"policyPackName": "aws-security", "policyPackVersion": "1", "policyPackVersionTag": "1"}
    return {"policyEvent": {**said, **pack, "enforcementLevel": level}}


def _named(urn: str) -> dict[str, Any]:
    return {"urn": urn, "type": urn.split("::")[2].rpartition("$")[2]}
