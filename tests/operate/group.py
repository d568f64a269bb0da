"""A group of instances that obeys: a state machine of what `stop`, `start` and `restart` ask of AWS."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.operate import healthy
from tests.operate.double import NOW, Answer, Parameters, error

LOCK = "/operations/lock"


@dataclass
class Group:
    """The group and the stack's lock."""

    instances: list[str] = field(default_factory=lambda: ["i-1", "i-2"])
    ending: dict[str, int] = field(default_factory=dict[str, int])
    """How often an ending instance is still seen."""
    suspended: set[str] = field(default_factory=set[str])
    lock: str | None = None
    written: int = 0
    """How often the lock has been written."""
    numbers: int = 2

    def answers(self) -> dict[str, Answer]:
        """What AWS answers for it."""
        return {
            "autoscaling.DescribeAutoScalingGroups": self._describe,
            "autoscaling.SuspendProcesses": self._suspend,
            "autoscaling.ResumeProcesses": self._resume,
            "autoscaling.TerminateInstanceInAutoScalingGroup": self._terminate,
            "ssm.GetParameter": self._get,
            "ssm.PutParameter": self._put,
            "ssm.DeleteParameter": self._delete,
            "sts.GetCallerIdentity": {"Arn": "arn:aws:sts::444455556666:assumed-role/operator/anna"},
        }

    def held(self, why: str) -> None:
        """Somebody has taken the lock."""
        self.lock = json.dumps({"who": "ben", "since": NOW.isoformat(), "why": why})
        self.written = 1

    def _describe(self, _: Parameters) -> Any:
        for name in [name for name, left in self.ending.items() if left == 0]:
            self.instances.remove(name)
            del self.ending[name]
        self.ending = {name: left - 1 for name, left in self.ending.items()}
        if "Launch" not in self.suspended:
            while len(self.instances) < 2:
                self.numbers += 1
                self.instances.append(f"i-{self.numbers}")
        seen = [
            healthy.instance(name, LifecycleState="Terminating:Wait" if name in self.ending else "InService")
            for name in self.instances
        ]
        return healthy.group(
            *seen, SuspendedProcesses=[{"ProcessName": one} for one in sorted(self.suspended)]
        )

    def _suspend(self, asked: Parameters) -> Any:
        self.suspended |= set(asked["ScalingProcesses"])
        return {}

    def _resume(self, asked: Parameters) -> Any:
        self.suspended -= set(asked["ScalingProcesses"])
        return {}

    def _terminate(self, asked: Parameters) -> Any:
        self.ending[asked["InstanceId"]] = 2
        return {}

    def _get(self, asked: Parameters) -> Any:
        if not asked["Name"].endswith(LOCK):
            return {"Parameter": {"Value": "2026.11.3"}}
        if self.lock is None:
            return error("ParameterNotFound")
        return {"Parameter": {"Value": self.lock, "Version": self.written}}

    def _put(self, asked: Parameters) -> Any:
        if self.lock is not None and not asked["Overwrite"]:
            return error("ParameterAlreadyExists")
        self.lock, self.written = asked["Value"], self.written + 1
        return {"Version": self.written}

    def _delete(self, _: Parameters) -> Any:
        if self.lock is None:
            return error("ParameterNotFound")
        self.lock, self.written = None, 0
        return {}
