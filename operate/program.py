"""The program under its engine: what an update would do, and the update.

Procedures that update the stack take a `Program`, so that their tests need no engine.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from facts.holding_data import HOLDING_DATA
from operate.errors import (
    DataLossError,
    GuardError,
    OperationError,
    PolicyError,
    RemoteError,
    UndecidableError,
)
from preview.plan import Plan

if TYPE_CHECKING:
    from preview.engine import Engine, State

_PACK: Final = "policies"
_MOST: Final = 300
"""Characters of an engine's error that are shown."""

Say = Callable[[str], None]


class Program(Protocol):
    """The program of one stack, under its engine."""

    def preview(self, *, targets: Sequence[str] = ()) -> Plan:
        """What an update would do, and what the rules say of it. Changes nothing.

        Args:
            targets: the URNs that it is about; all where there are none.

        Returns:
            The plan, also where it has errors or a rule blocks: `require_clean` refuses such a one.

        Raises:
            OperationError: there is no plan, with the reason in a line.
        """
        ...

    def update(self, say: Say, *, targets: Sequence[str] = ()) -> Plan:
        """Makes the stack what the program declares.

        Args:
            say: is told of each resource that is done.
            targets: the URNs that it is about; all where there are none.

        Returns:
            What was done, all of it.

        Raises:
            OperationError: it was not done to the end, with the reason in a line. What is done stays done,
                and the next update goes on from there.
            PolicyError: a rule stopped it.
            GuardError: somebody else is changing the stack, or has done so since it was previewed here.
        """
        ...


class Pulumi:
    """The program under the Pulumi CLI that is on PATH, judged by the project's own pack."""

    def __init__(self, directory: Path, stack: str) -> None:
        """Asks nothing of the engine yet.

        Args:
            directory: the project's folder.
            stack: the stack's name.
        """
        self._directory = directory
        self._stack = stack
        self._previewed: str | None = None

    def preview(self, *, targets: Sequence[str] = (), refresh: bool = False) -> Plan:
        """See `Program`; with `refresh`, against what the cloud says. The state stays as it is."""
        with self._engine(_nobody) as engine:
            self._previewed = engine.state().saved
            return engine.preview(targets, refresh=refresh)

    def update(self, say: Say, *, targets: Sequence[str] = ()) -> Plan:
        """See `Program`."""
        with self._engine(say) as engine:
            if self._previewed not in (None, engine.state().saved):
                raise GuardError(
                    f"{self._stack} was changed by somebody else since the preview: nothing was done, "
                    "preview it again"
                )
            self._previewed = None
            done = engine.update(targets)
        require_done(done)
        return done

    def refresh(self, say: Say) -> Plan:
        """Brings the engine's state to what the cloud says; nothing changes in the cloud.

        Args:
            say: is told of an interruption.

        Raises:
            GuardError: somebody else is changing the stack.
            OperationError: the state was not brought up to date, with the reason in a line.
        """
        with self._engine(say) as engine:
            found = engine.refresh()
        require_done(found)
        return found

    def state(self) -> "State":
        """What the engine knows of the stack.

        Raises:
            OperationError: the backend does not have the stack.
            RemoteError: the backend cannot be used.
        """
        with self._engine(_nobody) as engine:
            return engine.state()

    def drift(self) -> Plan:
        """What differs in the cloud from the state, which stays as it is.

        Raises:
            OperationError: there is no answer, with the reason in a line.
            RemoteError: the backend cannot be used.
        """
        with self._engine(_nobody) as engine:
            return engine.drift()

    def exported(self) -> Any:
        """The state as `pulumi stack export` writes it. Secrets are encrypted in it.

        Raises:
            OperationError: the backend does not have the stack.
            RemoteError: the backend cannot be used.
        """
        with self._engine(_nobody) as engine:
            return engine.exported()

    @contextmanager
    def _engine(self, say: Say) -> Generator["Engine"]:
        """The engine, each of whose errors becomes one of ours."""
        # The Automation API is a second's import.
        from preview import engine  # noqa: PLC0415

        try:
            yield engine.Engine(self._directory, self._stack, [self._directory / _PACK], say)
        except engine.LockedError as error:
            raise GuardError(str(error)) from error
        except engine.BackendError as error:
            raise RemoteError(str(error)) from error
        except engine.EngineError as error:
            raise OperationError(str(error)) from error


def of(directory: Path, stack: str) -> Pulumi:
    """The program under the Pulumi CLI that is on PATH, judged by the project's own pack.

    Args:
        directory: the project's folder.
        stack: the stack's name.
    """
    return Pulumi(directory, stack)


def losses(plan: Plan) -> list[str]:
    """What data a plan would destroy: a line for each resource, in the plan's order.

    A replacement destroys it too: the new resource is empty. A database that only replicates another one
    has nothing of its own.
    """
    return [
        f"{plan.changes[one.urn].operation} of {one.type} {one.name}: {HOLDING_DATA[one.type]}"
        for one in plan.losses
    ]


def require_clean(plan: Plan, *, allow_data_loss: bool = False) -> None:
    """Refuses a plan that is not to be carried out.

    Args:
        plan: what an update would do.
        allow_data_loss: whether somebody has agreed to lose what it destroys.

    Raises:
        OperationError: it has errors.
        PolicyError: a mandatory rule is violated.
        DataLossError: it would lose data.
        UndecidableError: a mandatory rule cannot decide.
    """
    if not plan.fine:
        problems = [*plan.errors, *map(str, plan.findings)]
        raise OperationError(f"{plan.stack} cannot be updated: {_first(problems)}")
    blocking = _rules(plan, blocking=True)
    if blocking:
        raise PolicyError(f"{plan.stack} is not updated: {_first(blocking)}")
    lost = losses(plan)
    if lost and not allow_data_loss:
        raise DataLossError(f"{plan.stack} is not updated, it would lose data: {_first(lost)}")
    undecided = _rules(plan, blocking=False)
    if undecided:
        raise UndecidableError(f"{plan.stack} is not updated, a rule cannot decide: {_first(undecided)}")


def require_done(done: Plan) -> None:
    """Whether the engine came to its end.

    Raises:
        PolicyError: a mandatory rule stopped it.
        OperationError: something else did.
    """
    blocking = _rules(done, blocking=True)
    if blocking:
        raise PolicyError(f"a rule stopped the update of {done.stack}: {_first(blocking)}")
    if done.errors:
        raise OperationError(f"{done.stack} was not updated to the end: {_first(done.errors)}")


def _rules(plan: Plan, *, blocking: bool) -> list[str]:
    findings = plan.policies.findings if plan.policies else ()
    return [
        f"{one.rule.name}: {one.urn.rpartition('::')[2]}: {', '.join(one.problems)}"
        for one in findings
        if (one.blocks if blocking else one.leaves_open)
    ]


def _first(problems: Sequence[str]) -> str:
    """The first problem in a line, and how many there are beside it."""
    line = " ".join(problems[0].split())
    short = line if len(line) <= _MOST else f"{line[: _MOST - 1]}…"
    return f"{short} (and {len(problems) - 1} more)" if len(problems) > 1 else short


def _nobody(_: str) -> None:
    pass
