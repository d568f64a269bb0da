"""`syncup preview`: what an update would do."""

import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import typer

from cli.errors import CommandError
from cli.exit_codes import ExitCode, first_of
from cli.frame import JsonOption
from cli.output import say
from cli.policy_status import status_of
from infra.mistakes import ConfigurationError
from policies.from_graph import stack_of
from policies.pack import read_pack
from preview import redact, render_json, render_markdown, render_terminal
from preview.configuration import ConfigurationFileError, read_project
from preview.plan import Plan, of_program
from preview.project import ProjectError, evaluate_project, find_project

app = typer.Typer()


class Engine(StrEnum):
    """What evaluates the program."""

    NONE = "none"
    PULUMI = "pulumi"


class Format(StrEnum):
    """How the plan is written."""

    TERMINAL = "terminal"
    JSON = "json"
    MARKDOWN = "markdown"


@app.command()
def preview(
    stack: Annotated[str, typer.Argument(help="The stack, as in Pulumi.<stack>.yaml.", show_default=False)],
    engine: Annotated[
        Engine, typer.Option(help="none: no account, no CLI; pulumi: compare with the stack's state.")
    ] = Engine.NONE,
    form: Annotated[
        Format, typer.Option("--format", help="For people, for programs, or for a pull request.")
    ] = Format.TERMINAL,
    output: Annotated[
        Path | None, typer.Option(help="Write to this file instead of standard output.", dir_okay=False)
    ] = None,
    *,
    against: Annotated[
        str | None,
        typer.Option(help="Compare with the program at this revision, without an engine.", metavar="REF"),
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option(help="Tell what an engine has recorded, one event a line.", dir_okay=False),
    ] = None,
    full: Annotated[
        Path | None, typer.Option(help="Write the comment without its limit of length here.", dir_okay=False)
    ] = None,
    allow_data_loss: Annotated[
        bool, typer.Option("--allow-data-loss", help="Do not end with status 5 where data would go.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where in the program an error arose.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what the program declares, or what would change, without touching anything."""
    if against is not None and not against.strip():
        raise CommandError("--against names no revision: write a branch, a tag or a commit", ExitCode.USAGE)
    if (engine is Engine.PULUMI) + bool(against) + (events is not None) > 1:
        raise CommandError("--engine pulumi, --against and --events exclude each other", ExitCode.USAGE)
    form = Format.JSON if as_json else form
    if full and form is not Format.MARKDOWN:
        raise CommandError("--full is the complete comment: it needs --format markdown", ExitCode.USAGE)
    try:
        directory = find_project(Path.cwd())
        if events is not None:
            plan = _recorded(directory, stack, events)
        elif engine is Engine.PULUMI:
            plan = _previewed(directory, stack)
        else:
            plan = _evaluated(directory, stack, against)
    except (ProjectError, ConfigurationError, CommandError) as error:
        if debug and error.__cause__:
            say(redact.message("".join(traceback.format_exception(error.__cause__)).rstrip()))
        if form is Format.MARKDOWN:
            # What was said of an older commit must not stand there as if it were said of this one.
            _write_text(render_markdown.without_plan(stack, str(error)), output, full)
        raise CommandError(str(error), getattr(error, "code", ExitCode.FAILED)) from error
    _write(plan, form, output, allow_data_loss=allow_data_loss)
    if full:
        _write_text(render_markdown.render(plan, allow_data_loss=allow_data_loss, limit=None), full)
    raise typer.Exit(_status(plan, allow_data_loss=allow_data_loss))


def _status(plan: Plan, *, allow_data_loss: bool) -> ExitCode:
    return first_of(
        ExitCode.FINE if plan.fine else ExitCode.FAILED,
        status_of(plan.policies) if plan.policies else ExitCode.FINE,
        ExitCode.DATA_LOSS if plan.losses and not allow_data_loss else ExitCode.FINE,
    )


def _evaluated(directory: Path, stack: str, against: str | None) -> Plan:
    """The plan of the program, compared with a revision where one is named."""
    if against:
        # Most previews compare with nothing.
        from preview import against as other  # noqa: PLC0415
        from preview.revision import RevisionError  # noqa: PLC0415

        try:
            plan, found = other.preview(directory, stack, against, say)
        except RevisionError as error:
            raise CommandError(str(error)) from error
    else:
        found = evaluate_project(directory, stack)
        plan = of_program(found.project, found.stack, found.graph, found.findings)
    pack = read_pack(found.stack)
    return replace(plan, policies=pack.report(pack.judge(stack_of(found.known.resources))))


def _previewed(directory: Path, stack: str) -> Plan:
    """The plan of the real engine."""
    # The Automation API is a second's import that a preview without an engine does not need.
    from preview import engine as real  # noqa: PLC0415

    try:
        return real.preview(directory, stack, _packs(directory))
    except real.BackendError as error:
        raise CommandError(str(error), ExitCode.REMOTE) from error
    except real.EngineError as error:
        raise CommandError(str(error)) from error


def _recorded(directory: Path, stack: str, log: Path) -> Plan:
    """The plan of an engine's recorded events."""
    from preview.events import EventLogError, plan_of, read_log  # noqa: PLC0415 (as above)

    try:
        return plan_of(read_project(directory).name, stack, read_log(log))
    except (ConfigurationFileError, EventLogError) as error:
        raise CommandError(str(error)) from error


def _packs(directory: Path) -> list[Path]:
    """The project's own policy pack, if it has one."""
    return [file.parent for file in [directory / "policies" / "PulumiPolicy.yaml"] if file.is_file()]


def _write(plan: Plan, form: Format, output: Path | None, *, allow_data_loss: bool) -> None:
    """The plan where it was asked for; beside JSON or a file, people get the verdict on standard error."""
    if output is None:
        _render(plan, form, sys.stdout, allow_data_loss=allow_data_loss)
    else:
        with _opened(output) as file:
            _render(plan, form, file, allow_data_loss=allow_data_loss)
    if form is Format.JSON or output is not None:
        render_terminal.render_verdict(plan, render_terminal.console(sys.stderr))


def _write_text(text: str, *files: Path | None) -> None:
    for name in filter(None, files):
        with _opened(name) as file:
            file.write(text)


def _render(plan: Plan, form: Format, file: TextIO, *, allow_data_loss: bool) -> None:
    match form:
        case Format.JSON:
            file.write(render_json.render(plan))
        case Format.MARKDOWN:
            file.write(render_markdown.render(plan, allow_data_loss=allow_data_loss))
        case Format.TERMINAL:
            render_terminal.render(plan, render_terminal.console(file))


@contextmanager
def _opened(file: Path) -> Generator[TextIO]:
    try:
        with file.open("w", encoding="utf-8") as opened:
            yield opened
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}") from error
