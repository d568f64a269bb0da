"""An update whose every step is written down: the program, AWS and what people hear, as doubles."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from infra.guide import Guide, SmokeCheck
from infra.reading import read_guide
from operate import incident_services, preflight, smoke, up
from operate.errors import OperationError
from operate.git import Revision
from operate.monitor import Look
from operate.preflight import Asked, Item, Verdict
from operate.program import Program, Say
from operate.secrets import Variable
from operate.stack import Stack
from operate.up import Job, Outcome
from preview.engine import State
from preview.graph import Graph, Resource
from preview.plan import Change, Operation, Plan, Source
from tests.operate.double import NOW, Aws, Parameters, error
from tests.operate.services import CREDENTIALS, Services

GUIDE: Final = read_guide()
NEW: Final = "c" * 40
OLD: Final = "0" * 40
LOCK: Final = "/syncup/staging/operations/lock"
GOOD: Final = "/syncup/staging/operations/good-revision"
BUCKET: Final = "urn:pulumi:staging::syncup::aws:s3/bucket:Bucket::orders"
QUEUE: Final = "urn:pulumi:staging::syncup::aws:sqs/queue:Queue::mail"


def plan(*, errors: Sequence[str] = (), **operations: Operation) -> Plan:
    """A plan: what happens to `bucket`, which holds data, and to `queue`."""
    urns = {"bucket": BUCKET, "queue": QUEUE}
    resources = [
        Resource(urn=urns[name], type=urns[name].split("::")[2], name=name, parent="", custom=True, inputs={})
        for name in operations
    ]
    return Plan(
        project="syncup",
        stack="staging",
        source=Source.ENGINE,
        graph=Graph(tuple(resources), {}, ()),
        changes={urns[name]: Change(operation=operation) for name, operation in operations.items()},
        errors=tuple(errors),
    )


@dataclass
class World:
    """What there is, and what has happened, in order."""

    did: list[str] = field(default_factory=list[str])
    said: list[str] = field(default_factory=list[str])
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    plan: Plan = field(default_factory=lambda: plan(queue=Operation.UPDATE))
    way_back: Plan = field(default_factory=lambda: plan(queue=Operation.UPDATE))
    """What applying the last good revision would do."""
    failing: dict[str, BaseException] = field(default_factory=dict[str, BaseException])
    """By step, what it fails with."""
    working: bool = True
    """Whether the checks pass, …"""
    heals: bool = True
    """… or do again after going back."""
    ringing: list[list[str]] = field(default_factory=lambda: [[]])
    """The alarms, look by look."""
    releases: list[str] = field(default_factory=lambda: ["2026.11.3"])
    """The release that runs, each time somebody asks."""
    packages: str = "one==1"
    """What the last good revision needs."""
    unset: list[str] = field(default_factory=list[str])
    unseeded: list[str] = field(default_factory=list[str])

    def do(self, step: str) -> None:
        """A step is taken, or fails."""
        self.did.append(step)
        if step in self.failing:
            raise self.failing[step]

    # Programs ------------------------------------------------------------------------------------------

    def preview(self, *, targets: Sequence[str] = (), refresh: bool = False) -> Plan:
        """See `operate.program`."""
        assert not targets
        self.do("preview, refreshed" if refresh else "preview")
        return self.plan

    def refresh(self, say: Say) -> Plan:  # noqa: ARG002 (as programs are asked)
        """See `operate.program`."""
        self.do("refresh")
        return plan()

    def update(self, say: Say, *, targets: Sequence[str] = ()) -> Plan:  # noqa: ARG002
        """See `operate.program`."""
        self.do("update")
        return self.plan

    # What AWS keeps ------------------------------------------------------------------------------------

    def answers(self) -> dict[str, Any]:
        """The parameters, as AWS answers for them."""
        return {
            "ssm.GetParameter": self._get,
            "ssm.PutParameter": self._put,
            "ssm.DeleteParameter": self._delete,
            "sts.GetCallerIdentity": {"Arn": "arn:aws:sts::444455556666:assumed-role/deploy/ben"},
        }

    def _get(self, asked: Parameters) -> Any:
        if asked["Name"] not in self.parameters:
            return error("ParameterNotFound")
        return {"Parameter": {"Name": asked["Name"], "Value": self.parameters[asked["Name"]], "Version": 1}}

    def _put(self, asked: Parameters) -> Any:
        if asked["Name"] in self.parameters and not asked["Overwrite"]:
            return error("ParameterAlreadyExists")
        self.parameters[asked["Name"]] = asked["Value"]
        return {"Version": 1}

    def _delete(self, asked: Parameters) -> Any:
        self.parameters.pop(asked["Name"], None)
        return {}


@dataclass
class Back:
    """The program in the folder of the last good revision."""

    world: World

    def preview(self, *, targets: Sequence[str] = ()) -> Plan:  # noqa: ARG002
        """See `operate.program`."""
        self.world.do("preview of the last good revision")
        return self.world.way_back

    def update(self, say: Say, *, targets: Sequence[str] = ()) -> Plan:  # noqa: ARG002
        """See `operate.program`."""
        self.world.do("update to the last good revision")
        self.world.working = self.world.working or self.world.heals
        return self.world.way_back


@dataclass
class Beside:
    """Everything that an update uses beside its program and its parameters."""

    world: World
    folder: Path

    def rotate(self, _: Stack, name: str, __: Say) -> None:
        """A secret gets a value."""
        self.world.do(f"rotate {name}")

    def checks(self, _: Stack, wanted: Sequence[SmokeCheck]) -> Iterator[smoke.Result]:
        """The guide's checks."""
        self.world.do("checks")
        for one in wanted:
            yield smoke.Result(
                name=one.name,
                verifies="",
                fine=self.world.working,
                status=None,
                milliseconds=1,
                says="no answer",
            )

    def watch(self, _: Stack, __: Guide, duration: timedelta) -> Iterator[Look]:
        """A look for each list of alarms."""
        self.world.do(f"watch for {duration}")
        for names in self.world.ringing:
            yield Look(at=NOW, readings=(), crossed=(), ringing=names)

    def release(self, _: Stack) -> Any:
        """The release that runs now."""
        releases = self.world.releases
        release = releases.pop(0) if len(releases) > 1 else releases[0]
        return SimpleNamespace(running=SimpleNamespace(release=release))

    def view(self, _: Stack, __: Guide) -> Any:
        """The secrets, with those variables that have no value."""
        unset = [Variable(name=name, is_set=False) for name in self.world.unset]
        return [SimpleNamespace(variables=unset)]

    def aim_back(self, _: Stack, release: str, *, resume: bool) -> str:
        """Where a release goes back to."""
        assert not resume
        return release

    def rollback(self, _: Stack, __: Program, release: str, *___: object) -> None:
        """A release comes back."""
        self.world.do(f"release {release}")

    @contextmanager
    def worktree(self, _: Path, commit: str) -> Generator[Path]:
        """The folder of another commit."""
        self.world.do(f"check out {commit[:12]}")
        back = self.folder / "back"
        back.mkdir()
        (back / "requirements.txt").write_text(self.world.packages, encoding="utf-8")
        yield back


def install(world: World, aws: Aws, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Puts the world in the place of everything that an update uses beside its program."""
    aws.answers.update(world.answers())
    (folder / "requirements.txt").write_text("one==1", encoding="utf-8")
    beside = Beside(world, folder)
    doubles: dict[str, Callable[..., Any]] = {
        "up.dump_job.start": lambda *_: "build",
        "up.dump_job.follow": lambda *_: world.do("backup") or SimpleNamespace(name="backup_now"),
        "up.database_setup.run": lambda *_: world.do("database"),
        "up.secrets.unseeded": lambda *_: world.unseeded,
        "up.secrets.rotate": beside.rotate,
        "up.secrets.view": beside.view,
        "up.smoke.run": beside.checks,
        "up.monitor.watch": beside.watch,
        "up.alarms.ringing": lambda *_: [SimpleNamespace(name="old")],
        "up.releases.read": beside.release,
        "up.deploy.aim_back": beside.aim_back,
        "up.deploy.rollback": beside.rollback,
        "going_back.git.worktree": beside.worktree,
    }
    for name, double in doubles.items():
        monkeypatch.setattr(f"operate.{name}", double)


@dataclass
class Updating:
    """An update that is about to be made."""

    world: World
    stack: Stack
    others: Services
    folder: Path
    made: bool = True
    agrees: bool = True
    allow_data_loss: bool = False
    resume: bool = False
    due: Sequence[str] = (preflight.TEAM,)

    @property
    def job(self) -> Job:
        """It, for `operate.up`."""
        channels = incident_services.channels(GUIDE.severities, CREDENTIALS, self.others.addresses)
        asked = Asked(
            stack=self.stack,
            guide=GUIDE,
            state=State(made=self.made, pending=(), saved=""),
            channels=channels,
            directory=self.folder,
            environ={},
            revision=lambda: Revision(commit=NEW, tree="7" * 40, changed=(), merged=True),
            resume=self.resume,
        )
        return Job(
            asked=asked,
            program=self.world,
            at=lambda _: Back(self.world),
            connect=lambda: self.stack,
            show=lambda _: self.world.do("show"),
            agree=self._agree,
            watch=timedelta(minutes=30),
            allow_data_loss=self.allow_data_loss,
            say=self.world.said.append,
        )

    def _agree(self, _: Plan) -> bool:
        self.world.do("agree")
        return self.agrees

    def run(self) -> Outcome:
        """Makes it."""
        items = [Item(name=name, verdict=Verdict.DUE, says="") for name in self.due]
        return up.up(self.job, items)

    def fails(self) -> str:
        """Makes it, and returns what it says of its failure."""
        with pytest.raises(OperationError) as caught:
            self.run()
        assert "\n" not in str(caught.value)
        return str(caught.value)

    @property
    def told(self) -> list[str]:
        """What the team has read."""
        return [message["text"] for message in self.others.messages]

    @property
    def paged(self) -> list[str]:
        """What has woken somebody."""
        return [event["payload"]["summary"] for event in self.others.events]
