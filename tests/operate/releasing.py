"""A stack whose release can be changed: AWS and the program as a state machine that dies when told to."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, ClassVar, Final

from botocore.response import StreamingBody

from components import contract
from infra.guide import SmokeCheck
from infra.reading import read_guide
from operate import deploy, lock
from operate.aws import in_one_line
from operate.deploy import Done
from operate.errors import OperationError
from operate.http import Answer as Page
from operate.stack import Stack
from preview.graph import Graph, Resource
from preview.plan import Change, Operation, Plan, Source
from tests.operate import healthy
from tests.operate.double import NOW, Answer, Parameters, error

OLDEST: Final = "2026.11.2"
OLD: Final = "2026.11.3"
NEW: Final = "2026.11.4"
URN: Final = healthy.OUTPUTS["launch-template-urn"]
LOCK: Final = "/syncup/staging/operations/lock"
RELEASE: Final = "/syncup/staging/release"
STATIC: Final[Mapping[str, bytes]] = {
    "static/app.0123.js": b"let a",
    "static/css/app.4567.css": b"a{}",
    "static/font.89ab.woff2": b"wOF2",
}
CHECKS: Final[Sequence[SmokeCheck]] = read_guide().deployment.smoke_checks
_ALARM: Final = healthy.OUTPUTS["refresh-alarms"].split(",")[0]


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


@cache
def archive(**changes: bytes | None) -> bytes:
    """A release's archive. `bin_start=None` leaves a file out."""
    files: dict[str, bytes] = {"bin/start": b"#!", "bin/migrate": b"#!", "server.js": b"x" * 100, **STATIC}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            if changes.get(name.replace("/", "_"), content) is None:
                continue
            entry = tarfile.TarInfo(f"./{name}")
            entry.size, entry.mode = len(content), 0o755 if name.startswith("bin/") else 0o644
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


@dataclass
class World:
    """Parameter, launch template, group, buckets, instances' commands, and the program that writes one."""

    parameters: dict[str, tuple[str, int]] = field(default_factory=lambda: {RELEASE: (OLD, 1)})
    """Values, and how often each was written."""
    templates: list[str] = field(default_factory=lambda: [OLDEST, OLDEST, OLD])
    """The release of each version of the launch template."""
    version: str = "3"
    """The group's."""
    instances: dict[str, str] = field(default_factory=lambda: {"i-1": "3", "i-2": "3"})
    """The version of each."""
    dead: bool = False
    """Whether no instance becomes healthy."""
    suspended: list[str] = field(default_factory=list[str])
    refreshes: list[dict[str, Any]] = field(default_factory=lambda: [brought("3"), brought("1")])
    """The newest first."""
    bakes: int = 3
    """How often AWS is asked before a replacement whose alarms are watched is a success."""
    renews: int = 9
    """How often AWS is asked before all instances are replaced by such of the same version."""
    bad: set[str] = field(default_factory=set[str])
    """Releases on which the alarms turn back what is watched."""
    rings: bool = False
    """Whether an alarm rings already."""
    releases: dict[str, bytes] = field(
        default_factory=lambda: {OLDEST: archive(), OLD: archive(), NEW: archive()}
    )
    digests: dict[str, str] = field(default_factory=dict[str, str])
    """Where they are not those of the archives."""
    incomplete: set[str] = field(default_factory=set[str])
    """Releases whose digest is not there yet."""
    static: dict[str, Parameters] = field(default_factory=dict[str, Parameters])
    migrated: list[str] = field(default_factory=list[str])
    migration: str = "Success"
    waiting: Sequence[str] = ()
    """What the program would change beside the release."""
    update_fails: Exception | None = None
    latest: ClassVar["World"]
    """The one whose answers were asked for last: the program of whoever names only a stack."""
    steps: int = 0
    dies_after: int | None = None
    """The number of the step, counted from 1, after which the process is gone."""
    how: Callable[[], BaseException] = Killed
    gone: bool = False

    @classmethod
    def new(cls) -> "World":
        """A stack that no release has come to yet: its instances start in vain."""
        return cls(
            parameters={RELEASE: ("none", 1)},
            templates=["none"],
            version="1",
            instances={"i-1": "1", "i-2": "1"},
            dead=True,
            refreshes=[],
        )

    def revive(self) -> None:
        """A new process: nothing kills it."""
        self.dies_after, self.gone = None, False

    def answers(self) -> dict[str, Answer]:
        """What AWS answers."""
        World.latest = self
        answers: dict[str, Callable[[Parameters], Any]] = {
            "autoscaling.DescribeAutoScalingGroups": self._group,
            "autoscaling.DescribeInstanceRefreshes": self._refreshes,
            "autoscaling.StartInstanceRefresh": self._start,
            "autoscaling.RollbackInstanceRefresh": self._turn_back,
            "autoscaling.CancelInstanceRefresh": self._cancel,
            "cloudwatch.DescribeAlarms": self._alarms,
            "ec2.DescribeLaunchTemplateVersions": self._templates,
            "s3.HeadObject": self._head,
            "s3.GetObject": self._get,
            "s3.ListObjectsV2": self._list,
            "s3.PutObject": self._put,
            "ssm.GetParameter": self._parameter,
            "ssm.PutParameter": self._set,
            "ssm.DeleteParameter": self._delete,
            "ssm.SendCommand": self._send,
            "ssm.GetCommandInvocation": self._ran,
            "ssm.CancelCommand": lambda _: {},
            "sts.GetCallerIdentity": lambda _: {
                "Arn": "arn:aws:sts::444455556666:assumed-role/operator/anna"
            },
        }
        return {name: self._counted(answer) for name, answer in answers.items()}

    @property
    def release(self) -> str:
        """What the parameter says."""
        return self.parameters[RELEASE][0]

    @property
    def lock(self) -> dict[str, Any] | None:
        """The lock."""
        return json.loads(self.parameters[LOCK][0]) if LOCK in self.parameters else None

    @property
    def everywhere(self) -> set[str]:
        """Every release that something says or runs."""
        numbers = {self.version, *self.instances.values()}
        return {self.release, self.templates[-1], *(self.templates[int(number) - 1] for number in numbers)}

    def step(self) -> None:
        """One thing has been done. Perhaps it was the last."""
        self.steps += 1
        if self.gone:
            raise Killed
        if self.steps == self.dies_after:
            failure = self.how()
            self.gone = isinstance(failure, Killed)
            raise failure

    def _counted(self, answer: Callable[[Parameters], Any]) -> Answer:
        def counted(asked: Parameters) -> Any:
            if self.gone:
                raise Killed
            found = answer(asked)
            self.step()
            return found

        return counted

    def _group(self, _: Parameters) -> Any:
        state = {"LifecycleState": "Pending:Wait"} if self.dead else {}
        seen = [
            healthy.instance(name, LaunchTemplate={"LaunchTemplateId": "lt-1", "Version": version}, **state)
            for name, version in self.instances.items()
        ]
        suspended = [{"ProcessName": one} for one in self.suspended]
        return healthy.group(*seen, MixedInstancesPolicy=policy(self.version), SuspendedProcesses=suspended)

    def _refreshes(self, asked: Parameters) -> Any:
        seen = self.refreshes[: asked.get("MaxRecords", 100)]
        if "InstanceRefreshIds" in asked:
            seen = [one for one in seen if one["InstanceRefreshId"] in asked["InstanceRefreshIds"]]
        answer = {"InstanceRefreshes": [dict(one) for one in seen]}
        if self.refreshes and not self._lasts(self.refreshes[0]):
            self._advance(self.refreshes[0])
        return answer

    def _lasts(self, refresh: Mapping[str, Any]) -> bool:
        """Whether it stays as it is for another while."""
        if refresh["Status"] == "Baking" and self.bakes:
            self.bakes -= 1
            return True
        if refresh["Status"] == "InProgress" and self.renews and not _version(refresh):
            self.renews -= 1
            return True
        return False

    def _advance(self, refresh: dict[str, Any]) -> None:
        """AWS replaces an instance each time it is asked."""
        wanted = _version(refresh) or self.version
        watched = refresh.get("Preferences", {}).get("AutoRollback", False)
        old = [name for name, version in self.instances.items() if version != wanted]
        match refresh["Status"]:
            case "Pending":
                refresh["Status"] = "InProgress"
            case "InProgress" if old:
                self.instances[old[0]] = wanted
                refresh["PercentageComplete"] = 50
                if watched and self.templates[int(wanted) - 1] in self.bad:
                    refresh |= {"Status": "RollbackInProgress", "StatusReason": f"{_ALARM} is in ALARM"}
            case "InProgress":
                refresh |= {"Status": "Baking" if watched else "Successful", "PercentageComplete": 100}
            case "Baking":
                refresh["Status"] = "Successful"
            case "RollbackInProgress":
                self.instances = dict.fromkeys(self.instances, self.version)
                refresh["Status"] = "RollbackSuccessful"
            case "Cancelling":
                refresh["Status"] = "Cancelled"
            case _:
                return
        if refresh["Status"] == "Successful":
            self.version, self.dead = wanted, False

    def _start(self, asked: Parameters) -> Any:
        if self.refreshes and self.refreshes[0]["Status"] in UNDER_WAY:
            return error("InstanceRefreshInProgress")
        identifier = f"r-{len(self.refreshes) + 1}"
        self.refreshes.insert(
            0,
            {
                "InstanceRefreshId": identifier,
                "Status": "Pending",
                "StartTime": NOW,
                "Preferences": asked["Preferences"],
                **(
                    {"DesiredConfiguration": asked["DesiredConfiguration"]}
                    if "DesiredConfiguration" in asked
                    else {}
                ),
            },
        )
        return {"InstanceRefreshId": identifier}

    def _turn_back(self, _: Parameters) -> Any:
        if not self.refreshes or self.refreshes[0]["Status"] not in UNDER_WAY:
            return error("ActiveInstanceRefreshNotFound")
        if not _version(self.refreshes[0]):
            return error("ValidationError")
        self.refreshes[0]["Status"] = "RollbackInProgress"
        return {"InstanceRefreshId": self.refreshes[0]["InstanceRefreshId"]}

    def _cancel(self, _: Parameters) -> Any:
        self.refreshes[0]["Status"] = "Cancelling"
        return {"InstanceRefreshId": self.refreshes[0]["InstanceRefreshId"]}

    def _alarms(self, asked: Parameters) -> Any:
        rings = [{"AlarmName": _ALARM}] if self.rings and _ALARM in asked.get("AlarmNames", ()) else []
        return {"MetricAlarms": rings}

    def _templates(self, asked: Parameters) -> Any:
        (version,) = asked["Versions"]
        number = len(self.templates) if version == "$Latest" else int(version)
        description = f"Release {self.templates[number - 1]}"
        return {"LaunchTemplateVersions": [{"VersionNumber": number, "VersionDescription": description}]}

    def _head(self, asked: Parameters) -> Any:
        version = asked["Key"].split("/")[1]
        if version not in self.releases:
            return error("404", status=404)
        return {"ContentLength": len(self.releases[version])}

    def _get(self, asked: Parameters) -> Any:
        version = asked["Key"].split("/")[1]
        content = self.releases[version]
        if asked["Key"].endswith(".sha256"):
            digest = self.digests.get(version, f"{hashlib.sha256(content).hexdigest()}  app.tar.gz\n")
            content = digest.encode()
        return {"Body": StreamingBody(io.BytesIO(content), len(content))}

    def _list(self, asked: Parameters) -> Any:
        if asked["Prefix"] == contract.RELEASES:
            return {"Contents": list(self._uploaded())}
        return {"Contents": [{"Key": key} for key in self.static if key.startswith(asked["Prefix"])]}

    def _uploaded(self) -> Iterator[dict[str, Any]]:
        """The releases, the newest last; what has no digest is still being uploaded."""
        for day, version in enumerate(self.releases):
            made = {"LastModified": NOW + timedelta(days=day)}
            yield {"Key": contract.artifact_key(version), **made}
            if version not in self.incomplete:
                yield {"Key": contract.digest_key(version), **made}
        yield {"Key": f"{contract.RELEASES}notes.txt", "LastModified": NOW + timedelta(days=99)}

    def _put(self, asked: Parameters) -> Any:
        self.static[asked["Key"]] = {**asked, "Body": asked["Body"].read()}
        return {}

    def _parameter(self, asked: Parameters) -> Any:
        name = _of_any_stack(asked["Name"])
        if name not in self.parameters:
            return error("ParameterNotFound")
        value, version = self.parameters[name]
        return {"Parameter": {"Name": asked["Name"], "Value": value, "Version": version}}

    def _set(self, asked: Parameters) -> Any:
        name = _of_any_stack(asked["Name"])
        if name in self.parameters and not asked["Overwrite"]:
            return error("ParameterAlreadyExists")
        version = self.parameters.get(name, ("", 0))[1] + 1
        self.parameters[name] = (asked["Value"], version)
        return {"Version": version}

    def _delete(self, asked: Parameters) -> Any:
        if self.parameters.pop(_of_any_stack(asked["Name"]), None) is None:
            return error("ParameterNotFound")
        return {}

    def _send(self, asked: Parameters) -> Any:
        (script,) = asked["Parameters"]["commands"]
        self.migrated.append(script)
        return {"Command": {"CommandId": "c" * 36}}

    def _ran(self, _: Parameters) -> Any:
        return {"Status": self.migration, "StandardErrorContent": "applies 7\nrelation users exists\n"}

    # The program.

    def preview(self, *, targets: Sequence[str] = ()) -> Plan:
        """See `operate.program.Program`."""
        assert list(targets) == [URN]
        self.step()
        changed = list(self.waiting)
        if self.templates[-1] != self.release:
            changed.append("application-instances-template")
        return plan(*changed)

    def update(self, say: Callable[[str], None], *, targets: Sequence[str] = ()) -> Plan:
        """See `operate.program.Program`."""
        assert list(targets) == [URN]
        self.step()
        if self.update_fails is not None:
            raise self.update_fails
        if self.templates[-1] != self.release:
            self.templates.append(self.release)
            say("updated application-instances-template")
        self.step()
        return plan()


UNDER_WAY: Final = ("Pending", "InProgress", "Baking", "Cancelling", "RollbackInProgress")


def _of_any_stack(parameter: str) -> str:
    """Whichever stack is asked for, it is this one."""
    return parameter.replace("/production/", "/staging/")


def policy(version: str) -> Mapping[str, Any]:
    """The group's policy, as AWS describes it."""
    specification = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "application", "Version": version}
    overrides = [{"InstanceType": "t4g.medium"}, {"InstanceType": "t4g.large"}]
    return {
        "LaunchTemplate": {"LaunchTemplateSpecification": specification, "Overrides": overrides},
        "InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 100},
    }


def brought(version: str, status: str = "Successful") -> dict[str, Any]:
    """A replacement of instances that is over; without a version it was a restart."""
    return {
        "InstanceRefreshId": f"version-{version}",
        "Status": status,
        "StartTime": NOW,
        **({"DesiredConfiguration": {"MixedInstancesPolicy": policy(version)}} if version else {}),
    }


def plan(*changed: str) -> Plan:
    """A plan in which these resources change, and one does not."""
    names = [*changed, "application-instances-group"]
    resources = tuple(
        Resource(urn=f"urn::{name}", type="aws:x/y:Z", name=name, parent="", custom=True, inputs={})
        for name in names
    )
    changes = {
        one.urn: Change(operation=Operation.UPDATE if one.name in changed else Operation.SAME)
        for one in resources
    }
    return Plan(
        project="syncup", stack="staging", source=Source.ENGINE, graph=Graph(resources), changes=changes
    )


def _version(refresh: Mapping[str, Any]) -> str:
    desired = refresh.get("DesiredConfiguration", {}).get("MixedInstancesPolicy", {})
    return desired.get("LaunchTemplate", {}).get("LaunchTemplateSpecification", {}).get("Version", "")


@dataclass
class Site:
    """The application's pages."""

    failing: Callable[[], bool] = lambda: False
    """Whether the chat does not work."""
    asked: list[str] = field(default_factory=list[str])

    def ask(self, method: str, url: str, **_: Any) -> Page:
        """One request."""
        self.asked.append(f"{method} {url.rpartition('/')[2]}")
        bad = url.endswith("chat") and self.failing()
        return Page(status=500 if bad else 200, milliseconds=1, says="no answer of OpenAI" if bad else "")


def quietly(_: str) -> None:
    """Hears and says nothing."""


def bring(stack: Stack, world: World, version: str | None = NEW, *, resume: bool = False) -> Done:
    """Deploys."""
    aim = deploy.aim_at(stack, version, resume=resume)
    return deploy.deploy(stack, world, aim, CHECKS, quietly)


def go_back(stack: Stack, world: World, version: str | None = None, *, resume: bool = False) -> Done:
    """Rolls back."""
    aim = deploy.aim_back(stack, version, resume=resume)
    return deploy.rollback(stack, world, aim, CHECKS, quietly)


def die(
    what: Callable[[Stack, World], Done],
    stack: Stack,
    world: World,
    step: int,
    how: Callable[[], BaseException] = Killed,
) -> bool:
    """Does it, and dies after a step. Whether there was such a step."""
    world.steps, world.dies_after, world.how = 0, step, how
    try:
        with in_one_line():
            what(stack, world)
    except (Killed, KeyboardInterrupt, OperationError):
        return True
    finally:
        world.revive()
    return False


def agrees_or_is_said(stack: Stack, world: World) -> bool:
    """Whether nothing differs silently: the lock stands for whatever does."""
    return len(world.everywhere) == 1 or lock.holder(stack) is not None
