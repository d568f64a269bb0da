"""Evaluates a Pulumi project as it lies in its folder, without an engine.

The program finds what the engine's language host gives it: its folder first on the path and as working
directory, and its configuration as text.

Lookups (`aws.get_...`) are answered from a mapping by function token, which the project names in its
`pyproject.toml`:

    [tool.syncup.preview]
    lookups = "infra.fixtures:LOOKUPS"

Files below the folder that is named there as `built` may be missing: a build makes them, before an update.
"""

import io
import runpy
import sys
import threading
import tomllib
from collections.abc import Collection, Generator, Mapping
from contextlib import chdir, contextmanager, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from traceback import extract_tb
from typing import Any

import pulumi

from preview import redact
from preview.agreement import disagreements
from preview.check import check
from preview.configuration import ConfigurationFileError, read_configuration, read_project
from preview.evaluate import evaluate
from preview.findings import Finding, Rule
from preview.graph import Graph
from preview.monitor import ProgramError

_PACKAGE = Path(__file__).parent
_process = threading.Lock()
"""Working directory, path and modules belong to the whole process, so one project is evaluated at a time."""


class ProjectError(Exception):
    """The project cannot be evaluated. The message says what is wrong and where, a line for each mistake."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """What a project declares for a stack, and what is wrong with it."""

    project: str
    stack: str
    graph: Graph
    """With preview semantics: what only the cloud will know is unknown."""
    known: Graph
    """The same resources with plausible outputs, for rules that need to decide."""
    findings: tuple[Finding, ...]


def find_project(start: Path) -> Path:
    """The folder of the nearest `Pulumi.yaml`, in a folder or above it, as the Pulumi CLI looks for it.

    Raises:
        ProjectError: there is none.
    """
    for folder in (start, *start.parents):
        if (folder / "Pulumi.yaml").is_file():
            return folder
    raise ProjectError(f"there is no Pulumi.yaml in {start} or above: change to the project's folder")


def evaluate_project(directory: Path, stack: str) -> Evaluation:
    """Evaluates the program twice, with computed outputs unknown and known, and checks what it declares.

    What the program prints goes to standard error, once.

    Args:
        directory: the folder of `Pulumi.yaml`.
        stack: the stack's name, as in `Pulumi.<stack>.yaml`.

    Raises:
        ProjectError: the project is incomplete, or its program raises. The cause is the program's own
            exception, where there is one.
    """
    directory = directory.resolve()
    try:
        project = read_project(directory)
        configuration = read_configuration(directory, project, stack)
    except ConfigurationFileError as error:
        raise ProjectError(str(error)) from error
    folder, place = directory / project.main, Path(project.main) / "__main__.py"
    program = directory / place
    if not program.is_file():
        raise ProjectError(f"{place}: the file is missing: it is the program of the project {project.name}")

    secrets = set[str]()

    def run(*, known: bool) -> Graph:
        with _running_in(folder, silently=known):
            return evaluate(
                lambda: runpy.run_path(str(program), run_name="__main__"),
                project=project.name,
                stack=stack,
                config=configuration.values,
                secret_keys=configuration.secret_keys,
                known=known,
                invokes=_lookups(directory),
                directory=directory,
                secrets=secrets,
            )

    try:
        graph, known = redact.told(run(known=False)), redact.told(run(known=True))
    except Exception as error:
        raise ProjectError(_explained(error, folder, secrets)) from error
    except SystemExit as error:
        raise ProjectError(f"{place}: the program ends the process (status {error.code})") from error
    return Evaluation(
        project=project.name,
        stack=stack,
        graph=graph,
        known=known,
        findings=_findings(graph, known, folder, _settings(directory).get("built")),
    )


def _findings(graph: Graph, known: Graph, folder: Path, built: str | None) -> tuple[Finding, ...]:
    """What either evaluation shows to be wrong, each thing once.

    A plausible value says nothing of the values that the provider takes.
    """
    found = [
        *check(graph, folder, built=built),
        *(finding for finding in check(known, folder, built=built) if finding.rule is not Rule.NOT_ALLOWED),
        *disagreements(graph, known),
    ]
    return tuple(dict.fromkeys(found))


@contextmanager
def _running_in(folder: Path, *, silently: bool) -> Generator[None]:
    """Makes the process what a program expects, and what it was before afterwards.

    The project's own modules are forgotten afterwards: one that declares resources when it is imported
    has to do so in every evaluation.
    """
    with _process, chdir(folder), redirect_stdout(io.StringIO() if silently else sys.stderr):
        before = set(sys.modules)
        sys.path.insert(0, str(folder))
        try:
            yield
        finally:
            sys.path.remove(str(folder))
            for name in set(sys.modules) - before:
                if _belongs(getattr(sys.modules[name], "__file__", None), folder):
                    _forget(name)


def _forget(name: str) -> None:
    """Makes the next import of a module run it again, also where a package that stays holds it."""
    del sys.modules[name]
    package, _, attribute = name.rpartition(".")
    if package in sys.modules and hasattr(sys.modules[package], attribute):
        delattr(sys.modules[package], attribute)


def _belongs(file: str | None, folder: Path) -> bool:
    """Whether a file is the project's own, and not of a virtual environment inside its folder."""
    if not file:
        return False
    path = Path(file)
    return path.is_relative_to(folder) and not path.is_relative_to(sys.prefix)


def _lookups(directory: Path) -> Mapping[str, Mapping[str, Any]]:
    """The answers to lookups that the project declares."""
    module, _, name = _settings(directory).get("lookups", "").partition(":")
    return getattr(import_module(module), name) if module else {}


def _settings(directory: Path) -> Mapping[str, str]:
    """What the project's `pyproject.toml` says of previews."""
    file = directory / "pyproject.toml"
    if not file.is_file():
        return {}
    with file.open("rb") as opened:
        return tomllib.load(opened).get("tool", {}).get("syncup", {}).get("preview", {})


def _explained(error: Exception, folder: Path, secrets: Collection[str]) -> str:
    """What went wrong in a program, in a line: with its place, unless the program explains itself."""
    told = redact.message(str(error), secrets)
    if isinstance(error, pulumi.RunError | ProgramError):
        return told
    where = ""
    if isinstance(error, SyntaxError) and _belongs(error.filename, folder):
        where = f"{Path(error.filename or '').relative_to(folder)}:{error.lineno}: "
        return f"{where}{type(error).__name__}: {error.msg}"
    for frame in extract_tb(error.__traceback__):
        if _belongs(frame.filename, folder) and not Path(frame.filename).is_relative_to(_PACKAGE):
            where = f"{Path(frame.filename).relative_to(folder)}:{frame.lineno}: "
    return f"{where}{type(error).__name__}: {' '.join(told.split())}"
