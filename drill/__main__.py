"""Rehearses the guide's recovery on real servers and times it: `make drill`.

The environment of this machine (`local/`) with an application under load: backup, damage, full restore,
verification, rotation under load, maintenance, incident. Ends with what was measured beside what is promised,
and with status 1 where something is missed or a login failed.

Of the ways back only that from a dump can be gone here: a new generation and another region are AWS' to make.
"""

import os
import ssl
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from drill import application
from drill.application import Lived
from drill.figures import Recovered, figures, seconds, table
from infra.guide import Guide
from infra.reading import read_guide, stack_configuration
from local import environment, place
from local.credentials import NAME
from operate import (
    dump_job,
    incidents,
    maintenance,
    maintenance_cache,
    maintenance_database,
    maintenance_indexes,
    postgres,
    postmortem,
    restore,
    secrets,
)
from operate.aws import ENDPOINT_VARIABLE
from operate.clock import Clock
from operate.errors import OperationError
from operate.incidents import Status
from operate.maintenance import Outcome, Task
from operate.session import Session
from operate.stack import Stack, connect

ROUNDS: Final = 3
"""Of rotation, each of every secret."""
_LOAD_SECONDS: Final = 3.0
_SERVED_SECONDS: Final = 60.0
_ROWS: Final = 200_000
"""Messages more than the environment comes with, so that there is something to restore."""
_MORE: Final = (
    "INSERT INTO messages (meeting_id, said, sent_at)"
    " SELECT 1 + n % 5000, md5(n::text), now() FROM generate_series(1, :rows) AS n"
)
_BLOAT: Final = "UPDATE messages SET said = md5(said)"
_DAMAGE: Final = ("DELETE FROM messages WHERE id % 2 = 0", "DROP TABLE summaries CASCADE")
"""What somebody might do in the wrong window."""
_NOTES: Final = (
    "The dump was made for the drill. By the guide's schedule it is a day old at most, which is its RPO.",
    "What is not here AWS alone can make: a new generation of the instance, and another region.",
)


class DrillError(Exception):
    """The drill cannot go on, or has shown something that must not be. The message says what."""


class Drill:
    """One drill: its steps in their order."""

    def __init__(self, stack: Stack, guide: Guide, lived: Lived) -> None:
        self._stack = stack
        self._guide = guide
        self._lived = lived
        self._backup = ""

    def all(self) -> Recovered:
        """Goes through every step, and returns what the recovery has cost."""
        self._step("backup", self._dump)
        time.sleep(_LOAD_SECONDS)
        before = self._lived.last
        self._step("damage", self._damage)
        decided, began = self._stack.clock.now(), time.monotonic()
        self._step("full restore", self._restore)
        self._step("users are served", lambda: self._serve(decided))
        took = timedelta(seconds=time.monotonic() - began)
        again = self._value("SELECT max(at) FROM drill_writes WHERE at < :decided", decided=decided)
        self._step("rotation under load", self._rotate)
        self._step("maintenance", self._maintain)
        self._step("incident", self._incident)
        return Recovered(lost=before - again, took=took)

    def _step(self, name: str, do: Callable[[], str]) -> None:
        began = time.monotonic()
        says = do()
        _say(f"{name:<22}{seconds(timedelta(seconds=time.monotonic() - began)):>9}  {says}")

    def _dump(self) -> str:
        made = dump_job.follow(self._stack, dump_job.start(self._stack), _quietly)
        self._backup = made.name
        return f"{made.name}, {made.size_bytes} bytes"

    def _damage(self) -> str:
        with self._owner() as session:
            for statement in _DAMAGE:
                session.run(statement)
        return "; ".join(_DAMAGE)

    def _restore(self) -> str:
        wanted = restore.find(self._stack, self._backup)
        restored = restore.restore(self._stack, wanted, _quietly, direct=False)
        wrong = [check.says for check in restored.checks if not check.fine]
        if wrong:
            raise DrillError(f"the restored database is not whole: {'; '.join(wrong)}")
        rows = sum(wanted.tables.values())
        return f"{len(wanted.tables)} tables, {rows} rows, as the manifest says; {restored.kept} is kept"

    def _serve(self, decided: datetime) -> str:
        """Until the application has written again."""
        restored = self._lived.last
        end = time.monotonic() + _SERVED_SECONDS
        while self._lived.last <= max(decided, restored):
            if time.monotonic() > end:
                raise DrillError(f"nobody is served {_SERVED_SECONDS:.0f} s after the restore")
            time.sleep(0.1)
        return "the first write after the restore"

    def _rotate(self) -> str:
        names = secrets.rotating(self._stack)
        logins, failures = self._lived.logins, len(self._lived.failures)
        for _ in range(ROUNDS):
            for name in names:
                secrets.rotate(self._stack, name, _quietly)
        failed = self._lived.failures[failures:]
        if failed:
            raise DrillError(f"{len(failed)} logins failed during rotation, the first: {failed[0]}")
        done = self._lived.logins - logins
        if not done:
            raise DrillError("nobody has logged in during rotation, so that it shows nothing")
        return f"{ROUNDS * len(names)} rotations, {done} logins meanwhile, none failed"

    def _maintain(self) -> str:
        rules = maintenance.Rules.of(self._guide)
        until = maintenance.allowed_until(self._stack, rules, force=True)
        done: list[str] = []
        with self._owner() as session:
            session.run(_BLOAT)
            for kind in (maintenance_database, maintenance_indexes):

                def do(task: Task, left: timedelta, kind: Any = kind) -> tuple[Outcome, str]:
                    return kind.do(session, task, left)

                for result in maintenance.work(self._stack, list(kind.tasks(session)), until, do):
                    if result.outcome is not Outcome.DONE:
                        raise DrillError(f"{result.what}: {result.outcome}: {result.says}")
                    done.append(result.what)
        cleaned = maintenance_cache.clean(self._stack, timedelta(minutes=1))
        return f"{'; '.join(done) or 'nothing due'}; {cleaned.keys} keys of the cache looked at"

    def _incident(self) -> str:
        worst = self._guide.severities[0].level
        made = incidents.create(self._stack, "drill: data was deleted", worst)
        for status in (Status.INVESTIGATING, Status.MITIGATING, Status.RESOLVED, Status.CLOSED):
            words = f"is {status}"
            made = incidents.update(self._stack, made.id, status=status, severity=None, says=words)
        kept = incidents.keep_postmortem(self._stack, made.id, postmortem.draft(self._stack, made))
        return f"{made.id} from open to closed, {kept}"

    def _value(self, statement: str, **values: Any) -> Any:
        with self._owner() as session:
            return session.value(statement, **values)

    @contextmanager
    def _owner(self) -> Generator[Session]:
        with postgres.connect(self._stack, direct=False) as session:
            session.as_owner()
            yield session


def main() -> int:
    """Drills once, prints what was measured, and returns the exit status."""
    guide = read_guide()
    try:
        with _environment() as stack, application.serving(stack, _trust()) as lived:
            recovered = Drill(stack, guide, lived).all()
    except (DrillError, OperationError) as error:
        _say(f"the drill has failed: {error}")
        return 1
    found = figures(guide.backup.objectives, recovered)
    _say("")
    for line in (*table(found), *_NOTES):
        _say(line)
    return 0 if all(figure.fine for figure in found) else 1


@contextmanager
def _environment() -> Generator[Stack]:
    """The environment of this machine, beside any that somebody has started, with something to restore."""
    config = stack_configuration(place.LIKE)
    with tempfile.TemporaryDirectory(prefix="syncup-drill-") as folder:
        os.environ[place.VARIABLE] = folder
        began = time.monotonic()
        found = environment.start(config, _quietly)
        try:
            address = {ENDPOINT_VARIABLE: found.endpoint}
            stack = connect(NAME, config["aws:region"], Clock(), address)
            with postgres.connect(stack, direct=False) as session:
                session.as_owner()
                session.run(application.TABLE)
                session.run(_MORE, rows=_ROWS)
            took = seconds(timedelta(seconds=time.monotonic() - began))
            _say(f"{'start':<22}{took:>9}  an environment of its own, {_ROWS} rows more than it comes with")
            yield stack
        finally:
            environment.stop()


def _trust() -> ssl.SSLContext:
    """Whom the application trusts: the environment's own authority."""
    found = place.read()
    if found is None:
        raise DrillError("the environment is gone")
    return ssl.create_default_context(cafile=str(Path(found.folder) / "tls" / "ca.pem"))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _quietly(_: str) -> None:
    """What each step says while it goes on is for whoever does it by hand."""


if __name__ == "__main__":
    sys.exit(main())
