"""CodeBuild: a build really runs its project's commands, as a process of this machine.

What a project installs is left out: the programs are here already.
"""

import shutil
import subprocess
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

import yaml

from local import jobs
from local.endpoint import Answer
from local.here import Here
from local.wire import Call, RefusalError

_PHASES: Final = ("pre_build", "build", "post_build")
_RUNS: Final = "IN_PROGRESS"


@dataclass
class _Build:
    """One build."""

    number: int
    project: Mapping[str, Any]
    told: Sequence[Mapping[str, str]]
    """Variables that it was given beside or instead of the project's."""
    identifier: str
    began: datetime
    status: str = _RUNS
    phase: str = "SUBMITTED"
    ended: datetime | None = None
    why: str = ""
    process: "subprocess.Popen[str] | None" = field(default=None, repr=False)

    @property
    def stream(self) -> str:
        return self.identifier.rpartition(":")[2]

    @property
    def group(self) -> str:
        return self.project["logsConfig"]["cloudWatchLogs"]["groupName"]

    @property
    def variables(self) -> list[dict[str, str]]:
        """The project's, and those of this build beside or instead."""
        found = {one["name"]: one for one in self.project["environment"]["environmentVariables"]}
        return [dict(one) for one in {**found, **{one["name"]: one for one in self.told}}.values()]

    def described(self) -> dict[str, Any]:
        """As CodeBuild describes it."""
        return {
            "id": self.identifier,
            "buildNumber": self.number,
            "projectName": self.project["name"],
            "buildStatus": self.status,
            "buildComplete": self.ended is not None,
            "currentPhase": self.phase,
            "startTime": self.began,
            **({"endTime": self.ended} if self.ended else {}),
            "environment": {**self.project["environment"], "environmentVariables": self.variables},
            "logs": {"groupName": self.group, "streamName": self.stream},
            "phases": [
                {
                    "phaseType": self.phase,
                    "phaseStatus": self.status,
                    "contexts": [{"statusCode": "", "message": self.why}],
                }
            ],
        }


class Builds:
    """All builds there have been."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._builds: dict[str, _Build] = {}
        self._lock = threading.Lock()

    def answers(self) -> dict[str, Answer]:
        """What is answered here."""
        return {
            "codebuild.StartBuild": self._start,
            "codebuild.BatchGetBuilds": self._get,
            "codebuild.ListBuildsForProject": self._list,
            "codebuild.StopBuild": self._stop,
        }

    def _start(self, call: Call) -> Mapping[str, Any]:
        name = call.parameters["projectName"]
        found = self._here.client("codebuild").batch_get_projects(names=[name])["projects"]
        if not found:
            raise RefusalError("ResourceNotFoundException", f"there is no project {name}")
        with self._lock:
            if any(one.project["name"] == name and one.status == _RUNS for one in self._builds.values()):
                raise RefusalError(
                    "AccountLimitExceededException",
                    f"{name} runs already, and one build at a time is its limit",
                )
            build = _Build(
                number=len(self._builds) + 1,
                project=found[0],
                told=call.parameters.get("environmentVariablesOverride", ()),
                identifier=f"{name}:{uuid.uuid4()}",
                # To the second below: S3's times have no smaller parts, and a dump is not older than its job.
                began=datetime.now(UTC).replace(microsecond=0),
            )
            self._builds[build.identifier] = build
        threading.Thread(target=self._run, args=(build, call.parameters), daemon=True).start()
        return {"build": build.described()}

    def _get(self, call: Call) -> Mapping[str, Any]:
        wanted: Sequence[str] = call.parameters["ids"]
        return {
            "builds": [self._builds[one].described() for one in wanted if one in self._builds],
            "buildsNotFound": [one for one in wanted if one not in self._builds],
        }

    def _list(self, call: Call) -> Mapping[str, Any]:
        name = call.parameters["projectName"]
        found = [one.identifier for one in self._builds.values() if one.project["name"] == name]
        return {"ids": found[::-1]}

    def _stop(self, call: Call) -> Mapping[str, Any]:
        build = self._builds.get(call.parameters["id"])
        if build is None:
            raise RefusalError("ResourceNotFoundException", f"there is no build {call.parameters['id']}")
        if build.status == _RUNS:
            build.status = "STOPPED"
            if build.process is not None:
                jobs.stop(build.process)
        return {"build": build.described()}

    def end(self) -> None:
        """Stops whatever runs, since nobody waits for it any more."""
        for build in list(self._builds.values()):
            if build.status == _RUNS and build.process is not None:
                jobs.stop(build.process)

    def _run(self, build: _Build, asked: Mapping[str, Any]) -> None:
        folder = self._here.folder / "builds" / build.stream
        folder.mkdir(parents=True)
        say = jobs.log(self._here, build.group, build.stream)
        try:
            source = build.project["source"]
            jobs.unpack(PurePosixPath(source["location"]).stem, folder)
            file = folder / (source.get("buildspec") or "buildspec.yml")
            commands = _commands(file, asked.get("buildspecOverride"))
            status = self._do(build, folder, commands, say)
        except Exception as error:
            status, build.why = 1, f"{type(error).__name__}: {error}"
            say(build.why)
        finally:
            shutil.rmtree(folder)
        build.ended = datetime.now(UTC)
        build.phase = "COMPLETED"
        if build.status == _RUNS:
            build.status = "FAILED" if status else "SUCCEEDED"

    def _do(
        self,
        build: _Build,
        folder: Path,
        commands: Sequence[tuple[str, str]],
        say: jobs.Say,
    ) -> int:
        variables = self._here.environment({one["name"]: one["value"] for one in build.variables})

        def started(process: "subprocess.Popen[str]") -> None:
            build.process = process

        for phase, command in commands:
            build.phase = phase.upper()
            say(f"[Container] {command}")
            line = ["/bin/sh", "-c", command]
            status = jobs.run(line, variables, folder, say, started)
            if status or build.status != _RUNS:
                build.why = f"{command} ended with {status}"
                return status
        return 0


def _commands(file: Path, override: str | None) -> list[tuple[str, str]]:
    """The commands of each phase but the installation."""
    read: Any = yaml.safe_load(
        override if override and "\n" in override else file.read_text(encoding="utf-8")
    )
    phases: Mapping[str, Any] = read["phases"]
    return [(phase, command) for phase in _PHASES for command in phases.get(phase, {}).get("commands", ())]
