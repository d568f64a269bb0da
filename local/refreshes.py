"""Auto Scaling: instances are replaced one after the other, and stay away while the group is suspended.

They run nothing: what serves here is the application's stand-in.
"""

import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from moto.autoscaling.models import autoscaling_backends

from local.endpoint import Answer
from local.here import Here
from local.wire import Call, RefusalError

_backends: Any = autoscaling_backends
_INSTANCE_SECONDS: Final = 1.0
_RUNS: Final = ("Pending", "InProgress", "RollbackInProgress", "Cancelling")
_LAUNCH: Final = "Launch"


@dataclass
class _Refresh:
    """One replacement of all instances."""

    group: str
    preferences: Mapping[str, Any]
    desired: Mapping[str, Any]
    before: Mapping[str, Any]
    """The group's policy, to go back to."""
    identifier: str = field(default_factory=lambda: str(uuid.uuid4()))
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    status: str = "InProgress"
    percent: int = 0
    why: str = ""
    ended: datetime | None = None
    to_end: str = ""
    """`Cancelling` or `RollbackInProgress`, when somebody has asked for it."""

    def described(self) -> dict[str, Any]:
        """As Auto Scaling describes it."""
        return {
            "InstanceRefreshId": self.identifier,
            "AutoScalingGroupName": self.group,
            "Status": self.status,
            "PercentageComplete": self.percent,
            "StartTime": self.began,
            "Preferences": dict(self.preferences),
            **({"DesiredConfiguration": dict(self.desired)} if self.desired else {}),
            **({"StatusReason": self.why} if self.why else {}),
            **({"EndTime": self.ended} if self.ended else {}),
        }


class Refreshes:
    """All there have been."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._refreshes: list[_Refresh] = []
        self._lock = threading.Lock()

    def answers(self) -> dict[str, Answer]:
        """What is answered here."""
        return {
            "autoscaling.StartInstanceRefresh": self._start,
            "autoscaling.DescribeInstanceRefreshes": self._describe,
            "autoscaling.CancelInstanceRefresh": self._cancel,
            "autoscaling.RollbackInstanceRefresh": self._roll_back,
            "autoscaling.TerminateInstanceInAutoScalingGroup": self._terminate,
            "autoscaling.ResumeProcesses": self._resume,
        }

    def _start(self, call: Call) -> Mapping[str, Any]:
        name = call.parameters["AutoScalingGroupName"]
        with self._lock:
            if self._active(name) is not None:
                raise RefusalError("InstanceRefreshInProgress", "An instance refresh is in progress already.")
            refresh = _Refresh(
                group=name,
                preferences=call.parameters.get("Preferences", {}),
                desired=call.parameters.get("DesiredConfiguration", {}),
                before=_policy(self._group(name)),
            )
            self._refreshes.insert(0, refresh)
        threading.Thread(target=self._run, args=(refresh,), daemon=True).start()
        return {"InstanceRefreshId": refresh.identifier}

    def _describe(self, call: Call) -> Mapping[str, Any]:
        name, wanted = call.parameters["AutoScalingGroupName"], call.parameters.get("InstanceRefreshIds")
        found = [
            one for one in self._refreshes if one.group == name and (not wanted or one.identifier in wanted)
        ]
        most = call.parameters.get("MaxRecords", 50)
        return {"InstanceRefreshes": [one.described() for one in found[:most]]}

    def _cancel(self, call: Call) -> Mapping[str, Any]:
        return self._end(call, "Cancelling")

    def _roll_back(self, call: Call) -> Mapping[str, Any]:
        refresh = self._active(call.parameters["AutoScalingGroupName"])
        if refresh is not None and not refresh.desired:
            raise RefusalError("IrreversibleInstanceRefresh", "There is nothing to go back to.")
        return self._end(call, "RollbackInProgress")

    def _end(self, call: Call, how: str) -> Mapping[str, Any]:
        refresh = self._active(call.parameters["AutoScalingGroupName"])
        if refresh is None:
            raise RefusalError("ActiveInstanceRefreshNotFound", "No instance refresh is in progress.")
        refresh.to_end = how
        return {"InstanceRefreshId": refresh.identifier}

    def _active(self, name: str) -> _Refresh | None:
        return next((one for one in self._refreshes if one.group == name and one.status in _RUNS), None)

    def _run(self, refresh: _Refresh) -> None:
        desired = refresh.desired.get("MixedInstancesPolicy", {})
        try:
            if desired:
                self._use(refresh.group, desired)
            if self._replace(refresh):
                refresh.status = "Successful"
            elif refresh.to_end == "RollbackInProgress":
                refresh.status, refresh.to_end = "RollbackInProgress", ""
                self._use(refresh.group, refresh.before)
                self._replace(refresh)
                refresh.status = "RollbackSuccessful"
            else:
                refresh.status = "Cancelled" if refresh.to_end else "Failed"
        except Exception as error:
            refresh.status, refresh.why = "Failed", f"{type(error).__name__}: {error}"
        refresh.ended = datetime.now(UTC)

    def _replace(self, refresh: _Refresh) -> bool:
        """Whether all instances are new: somebody, or an alarm, may have ended it before."""
        goes_back = refresh.status == "RollbackInProgress"
        old = [one["InstanceId"] for one in self._group(refresh.group)["Instances"]]
        for count, instance in enumerate(old, start=1):
            time.sleep(_INSTANCE_SECONDS)
            rings = [] if goes_back else self._ringing(refresh)
            if rings:
                refresh.why = f"{', '.join(rings)} rings"
                refresh.to_end = "RollbackInProgress" if refresh.preferences.get("AutoRollback") else ""
                return False
            if refresh.to_end:
                return False
            self._here.client("autoscaling").terminate_instance_in_auto_scaling_group(
                InstanceId=instance, ShouldDecrementDesiredCapacity=False
            )
            refresh.percent = 100 * count // len(old)
        return True

    def _ringing(self, refresh: _Refresh) -> list[str]:
        alarms: Sequence[str] = refresh.preferences.get("AlarmSpecification", {}).get("Alarms", [])
        if not alarms:
            return []
        answer = self._here.client("cloudwatch").describe_alarms(AlarmNames=list(alarms), StateValue="ALARM")
        return [alarm["AlarmName"] for alarm in answer["MetricAlarms"]]

    def _use(self, name: str, policy: Mapping[str, Any]) -> None:
        self._here.client("autoscaling").update_auto_scaling_group(
            AutoScalingGroupName=name, MixedInstancesPolicy=policy
        )

    def _group(self, name: str) -> Mapping[str, Any]:
        answer = self._here.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
        if not answer["AutoScalingGroups"]:
            raise RefusalError("ValidationError", f"AutoScalingGroup name not found - {name}")
        return answer["AutoScalingGroups"][0]

    def _terminate(self, call: Call) -> Mapping[str, Any] | None:
        """Of a group that launches nothing an instance goes and none comes, which moto does not look at."""
        backend, instance = _backends[self._here.account][call.region], call.parameters["InstanceId"]
        group = next(
            (
                found
                for found in backend.autoscaling_groups.values()
                if any(state.instance.id == instance for state in found.instance_states)
            ),
            None,
        )
        if group is None or _LAUNCH not in {one["ProcessName"] for one in group.suspended_processes}:
            return None
        group.instance_states = [state for state in group.instance_states if state.instance.id != instance]
        self._here.client("ec2").terminate_instances(InstanceIds=[instance])
        activity = {"ActivityId": str(uuid.uuid4()), "AutoScalingGroupName": group.name}
        now = datetime.now(UTC)
        return {"Activity": {**activity, "StartTime": now, "Cause": "asked for", "StatusCode": "Successful"}}

    def _resume(self, call: Call) -> None:
        """What the group lacks comes back."""
        backend, name = _backends[self._here.account][call.region], call.parameters["AutoScalingGroupName"]
        group = backend.autoscaling_groups.get(name)
        processes = call.parameters.get("ScalingProcesses") or [_LAUNCH]
        if group is not None and _LAUNCH in processes:
            group.set_desired_capacity(group.desired_capacity)


def _policy(group: Mapping[str, Any]) -> Mapping[str, Any]:
    """A group's policy as it may be given back: of the template either name or identifier, not both."""
    policy: Mapping[str, Any] = group.get("MixedInstancesPolicy", {})
    if not policy:
        return policy
    template = policy["LaunchTemplate"]
    specification = template["LaunchTemplateSpecification"]
    kept = {name: specification[name] for name in ("LaunchTemplateId", "Version")}
    return {**policy, "LaunchTemplate": {**template, "LaunchTemplateSpecification": kept}}
