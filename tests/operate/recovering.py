"""A stack whose database can be brought back: AWS, the database and the program as one state machine.

It counts what is asked of it, and ends the asking process where it is told to.
"""

import io
import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.response import StreamingBody

from infra.yaml_file import read
from operate import backups
from operate.postgres_checks import Finding
from preview.graph import Graph, Resource
from preview.plan import Change, Operation, Plan, Source
from tests.infra import project
from tests.operate import healthy
from tests.operate.double import NOW, Answer, Aws, Parameters, Time, error
from tests.operate.group import Group
from tests.operate.test_backups import HEAD, TAG, entry, listing

NAME: Final = "backup_2024_01_15_143022.sql.gz"
"""The guide's own."""
OTHER: Final = "backup_2024_01_14_143022.sql.gz"
HALF: Final = "backup_2024_01_16_143022.sql.gz"
AT: Final = "2024-01-15 14:30:00"
TABLES: Final[Mapping[str, int]] = {"public.meetings": 500, "public.users": 7}
_MANIFEST: Final = {
    "size_bytes": 1234,
    "sha256": "ab" * 32,
    "etag": TAG,
    "server_version": "17.6",
    "tables": TABLES,
}
_SINCE: Final = NOW - timedelta(days=1100)
_STEPS: Final = ("PROVISIONING", "BUILD", "COMPLETED")


@dataclass
class World:
    """The application's group and its lock, the jobs, the instances, and the stack's file."""

    root: Path
    group: Group = field(default_factory=Group)
    builds: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Of the restore job, the newest first."""
    ends: str = "SUCCEEDED"
    """How a build ends."""
    says: str = "restore: no"
    """The last line of its log."""
    minutes: float = 1
    """How long a build takes."""
    dumping: bool = False
    set_up: list[str] = field(default_factory=list[str])
    """What was set up: the active database, or an instance."""
    complaint: str = ""
    """What the set-up's failure says; it succeeds without one."""
    instances: set[str] = field(default_factory=lambda: {"syncup-staging-g1"})
    active: str = "syncup-staging-g1"
    findings: list[Finding] = field(
        default_factory=lambda: [Finding(name="rows", fine=True, says="as they should be")]
    )
    """What a look at the database shows."""
    looked: list[str] = field(default_factory=list[str])
    """Where somebody looked: the active database, or an address."""
    problem: str = ""
    """What an update fails with."""
    waiting: list[str] = field(default_factory=list[str])
    """What the engine says beside."""
    tests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """AWS Backup's own restore jobs."""
    records: dict[str, bytes] = field(default_factory=dict[str, bytes])
    now: Callable[[], Any] = lambda: NOW
    step: int = 0
    dies_after: int | None = None
    """The step, counted from 1, after which the asking process is gone."""

    @property
    def file(self) -> Path:
        """The stack's file."""
        return self.root / "Pulumi.staging.yaml"

    @property
    def database(self) -> Mapping[str, Any]:
        """What it says of the database."""
        return read(self.file).value["config"]["syncup:database"]

    @property
    def lock(self) -> Mapping[str, Any] | None:
        """The stack's lock."""
        return None if self.group.lock is None else json.loads(self.group.lock)

    @property
    def started(self) -> int:
        """How many builds were started."""
        return len(self.builds)

    def answers(self) -> dict[str, Answer]:
        """What AWS answers."""
        answers: dict[str, Answer] = {
            **self.group.answers(),
            "ssm.GetParametersByPath": self._outputs,
            "codebuild.ListBuildsForProject": self._list,
            "codebuild.BatchGetBuilds": self._build,
            "codebuild.StartBuild": self.start,
            "logs.GetLogEvents": lambda _: {"events": [{"message": self.says}]},
            "s3.ListObjectsV2": listing(
                entry(NAME, timedelta(hours=6)),
                entry(backups.manifest_key(NAME), timedelta(hours=6)),
                entry(OTHER, timedelta(hours=30)),
                entry(backups.manifest_key(OTHER), timedelta(hours=30)),
                entry(HALF, timedelta(hours=1)),
            ),
            "s3.HeadObject": HEAD,
            "s3.GetObject": self._manifest,
            "s3.PutObject": self._keep,
            "lambda.Invoke": self._invoke,
            "rds.DescribeDBInstances": self._describe,
            "rds.DescribeDBInstanceAutomatedBackups": {
                "DBInstanceAutomatedBackups": [
                    {"Status": "retained", "RestoreWindow": {}},
                    {"Status": "active", "RestoreWindow": {"EarliestTime": _SINCE, "LatestTime": NOW}},
                ]
            },
            "backup.ListRestoreJobs": lambda _: {"RestoreJobs": self.tests},
            "cloudwatch.GetMetricData": {"MetricDataResults": []},
        }
        return {name: self._counted(answer) for name, answer in answers.items()}

    def install(self, monkeypatch: pytest.MonkeyPatch) -> "World":
        """Puts it in the place of the database, the program and the project's folder."""

        @contextmanager
        def connect(*_: Any, target: Any = None, **__: Any) -> Generator[None]:
            self._counts()
            self.looked.append(target[0] if target else "active")
            yield None

        def looked(*_: Any) -> Sequence[Finding]:
            return self.findings

        def program(*_: Any) -> World:
            return self

        monkeypatch.setattr("operate.postgres.connect", connect)
        monkeypatch.setattr("operate.postgres_checks.integrity", looked)
        monkeypatch.setattr("operate.postgres_checks.check", looked)
        monkeypatch.setattr("operate.generations.data", looked)
        monkeypatch.setattr("operate.program.of", program)
        monkeypatch.setattr("infra.reading.ROOT", self.root)
        return self

    def preview(self, *, targets: Sequence[str] = ()) -> Plan:
        """As `operate.program.Program` does."""
        assert not targets
        self._counts()
        wanted = {f"syncup-staging-{name}" for name in self.database["generations"]}
        changed = wanted != self.instances or not self.active.endswith(f"-{self.database['active']}")
        urn = "urn:pulumi:staging::syncup::aws:rds/instance:Instance::database"
        resource = Resource(
            urn=urn, type="aws:rds/instance:Instance", name="database", parent="", custom=True, inputs={}
        )
        return Plan(
            project="syncup",
            stack="staging",
            source=Source.ENGINE,
            graph=Graph((resource,), {}, ()),
            changes={urn: Change(operation=Operation.CREATE if changed else Operation.SAME)},
            errors=tuple(self.waiting),
        )

    def update(self, say: Callable[[str], None], *, targets: Sequence[str] = ()) -> Plan:
        """As `operate.program.Program` does."""
        from operate.errors import OperationError  # noqa: PLC0415

        plan = self.preview(targets=targets)
        if self.problem:
            raise OperationError(self.problem)
        self.instances = {f"syncup-staging-{name}" for name in self.database["generations"]}
        self.active = f"syncup-staging-{self.database['active']}"
        say("created aws:rds/instance:Instance database")
        self._counts()
        return plan

    def _counted(self, answer: Answer) -> Answer:
        def counted(asked: Parameters) -> Any:
            found = answer(asked) if callable(answer) else answer
            self._counts()
            return found

        return counted

    def _counts(self) -> None:
        self.step += 1
        if self.step == self.dies_after:
            raise KeyboardInterrupt

    def _outputs(self, asked: Parameters) -> Any:
        answer: Any = healthy.outputs({**healthy.OUTPUTS, "database-identifier": self.active})
        return answer(asked)

    def _list(self, asked: Parameters) -> Any:
        ids = [build["id"] for build in self.builds]
        if asked["projectName"] == healthy.OUTPUTS["dump-project"]:
            ids = ["dump:1"] if self.dumping else []
        return {"ids": ids} if ids else {}

    def start(self, asked: Parameters) -> Any:
        """Somebody starts a build."""
        build = {
            "id": f"syncup-staging-restore:{len(self.builds) + 1}",
            "buildStatus": "IN_PROGRESS",
            "currentPhase": "SUBMITTED",
            "startTime": self.now().replace(microsecond=0),
            "environment": {
                "type": "ARM_CONTAINER",
                "image": "i",
                "computeType": "BUILD_GENERAL1_SMALL",
                "environmentVariables": asked["environmentVariablesOverride"],
            },
            "logs": {"groupName": "/aws/codebuild/syncup-staging-restore", "streamName": "1"},
        }
        self.builds.insert(0, build)
        return {"build": build}

    def _build(self, asked: Parameters) -> Any:
        (wanted,) = asked["ids"]
        if wanted == "dump:1":
            return {"builds": [{"id": wanted, "buildStatus": "IN_PROGRESS", "startTime": NOW}]}
        build = next(one for one in self.builds if one["id"] == wanted)
        seen = dict(build)
        if build["buildStatus"] == "IN_PROGRESS":
            left = [phase for phase in _STEPS if phase > build["currentPhase"] or phase == "COMPLETED"]
            build["looks"] = build.get("looks", 0) + 1
            if build["looks"] > len(_STEPS) or not left:
                build |= {"buildStatus": self.ends, "currentPhase": "COMPLETED"}
                build["endTime"] = build["startTime"] + timedelta(minutes=self.minutes)
            else:
                build["currentPhase"] = _STEPS[min(build["looks"] - 1, 1)]
            seen = dict(build)
        seen.pop("looks", None)
        return {"builds": [seen]}

    def _manifest(self, asked: Parameters) -> Any:
        if asked["Key"] not in {backups.manifest_key(NAME), backups.manifest_key(OTHER)}:
            return error("NoSuchKey", status=404)
        body = json.dumps(_MANIFEST).encode()
        return {"Body": StreamingBody(io.BytesIO(body), len(body))}

    def _keep(self, asked: Parameters) -> Any:
        assert asked["IfNoneMatch"] == "*"
        self.records[asked["Key"]] = asked["Body"]
        return {"ETag": '"1"'}

    def _invoke(self, asked: Parameters) -> Any:
        event = json.loads(asked["Payload"])
        if self.complaint:
            body = json.dumps({"errorMessage": self.complaint, "errorType": "DatabaseError"}).encode()
            return {"FunctionError": "Unhandled", "Payload": StreamingBody(io.BytesIO(body), len(body))}
        self.set_up.append(event.get("instance", "active"))
        return {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(b"{}"), 2)}

    def _describe(self, asked: Parameters) -> Any:
        if asked["DBInstanceIdentifier"] not in self.instances:
            return error("DBInstanceNotFound")
        generation = asked["DBInstanceIdentifier"].rpartition("-")[2]
        return healthy.database(Endpoint={"Address": f"{generation}.example.com", "Port": 5432})


def world(folder: Path) -> World:
    """A stack that is well, with its files in a folder of their own."""
    return World(project.copy(folder))


def standing(folder: Path, aws: Aws, time: Time, monkeypatch: pytest.MonkeyPatch) -> World:
    """The same in everything's place: AWS answers for it, and it goes by the test's time."""
    found = world(folder).install(monkeypatch)
    found.now = lambda: time.now
    aws.answers.update(found.answers())
    return found
