"""`syncup preview`: what an update would do."""

import sys
import traceback
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import typer

from cli.errors import CommandError
from cli.exit_codes import ExitCode, first_of
from cli.policy_status import status_of
from policies.from_graph import stack_of
from policies.pack import read_pack
from preview import render_json, render_terminal
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


@app.command()
def preview(
    stack: Annotated[str, typer.Argument(help="The stack, as in Pulumi.<stack>.yaml.", show_default=False)],
    engine: Annotated[
        Engine, typer.Option(help="none: no account, no CLI; pulumi: compare with the stack's state.")
    ] = Engine.NONE,
    form: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TERMINAL,
    output: Annotated[
        Path | None, typer.Option(help="Write to this file instead of standard output.", dir_okay=False)
    ] = None,
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show where in the program an error arose.")] = False,
) -> None:
    """Show what the program declares, without touching anything."""
    try:
        plan = _plan(find_project(Path.cwd()), stack, engine)
    except ProjectError as error:
        if debug and error.__cause__:
            traceback.print_exception(error.__cause__)
        raise CommandError(str(error)) from error
    _write(plan, form, output)
    raise typer.Exit(
        first_of(
            ExitCode.FINE if plan.fine else ExitCode.FAILED,
            status_of(plan.policies) if plan.policies else ExitCode.FINE,
        )
    )


def _plan(directory: Path, stack: str, engine: Engine) -> Plan:
    if engine is Engine.NONE:
        found = evaluate_project(directory, stack)
        pack = read_pack(found.stack)
        policies = pack.report(pack.judge(stack_of(found.known.resources)))
        plan = of_program(found.project, found.stack, found.graph, found.findings)
        return replace(plan, policies=policies)
    # The Automation API is a second's import that a preview without an engine does not need.
    from preview import engine as real  # noqa: PLC0415

    try:
        return real.preview(directory, stack, _packs(directory))
    except real.BackendError as error:
        raise CommandError(str(error), ExitCode.REMOTE) from error
    except real.EngineError as error:
        raise CommandError(str(error)) from error


def _packs(directory: Path) -> list[Path]:
    """The project's own policy pack, if it has one."""
    return [file.parent for file in [directory / "policies" / "PulumiPolicy.yaml"] if file.is_file()]


def _write(plan: Plan, form: Format, output: Path | None) -> None:
    """The plan where it was asked for; beside JSON, people get the verdict on standard error."""
    if output is None:
        _render(plan, form, sys.stdout)
    else:
        try:
            with output.open("w", encoding="utf-8") as file:
                _render(plan, form, file)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}") from error
    if form is Format.JSON or output is not None:
        render_terminal.render_verdict(plan, render_terminal.console(sys.stderr))


def _render(plan: Plan, form: Format, file: TextIO) -> None:
    if form is Format.JSON:
        file.write(render_json.render(plan))
    else:
        render_terminal.render(plan, render_terminal.console(file))
