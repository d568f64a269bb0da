"""`syncup policy`: the rules, and what they say of a stack."""

import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.errors import CommandError
from cli.exit_codes import ExitCode
from cli.frame import JsonOption
from cli.output import say, show
from cli.policy_status import status_of
from policies import baseline, configuration, render_json, render_sarif, render_terminal
from policies.catalogue import RULES
from policies.evaluate import Judgement
from policies.pack import read_pack
from policies.report import Report
from policies.rule import Rule
from policies.stack import Stack

app = typer.Typer(name="policy", help="The rules, and what they say of a stack.", no_args_is_help=True)


class Format(StrEnum):
    """How findings are written."""

    TERMINAL = "terminal"
    JSON = "json"
    SARIF = "sarif"


@app.command()
def check(
    stack: Annotated[
        str | None, typer.Argument(help="The stack, as in Pulumi.<stack>.yaml.", show_default=False)
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            help="Judge deployed state instead: the output of `pulumi stack export`.", show_default=False
        ),
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", help="For people, for programs, or for code hosts.")
    ] = Format.TERMINAL,
    recorded: Annotated[
        Path, typer.Option("--baseline", help="The findings that do not block.", dir_okay=False)
    ] = baseline.FILE,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Ignore exemptions.")] = False,
    record: Annotated[
        bool, typer.Option("--record-baseline", help="Write today's findings to the baseline.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Judge what the program declares for a stack, or what is deployed."""
    form = Format.JSON if as_json else form
    name, resources, sources = judged_resources(stack, state)
    pack = read_pack(name, recorded)
    judgements = pack.judge(resources)
    if record:
        count = _record(judgements, recorded)
        show({"baseline": str(recorded), "findings": count}, [], as_json=as_json)
        return
    report = pack.report(judgements, strict=strict)
    match form:
        case Format.JSON:
            sys.stdout.write(render_json.render(report, sources))
        case Format.SARIF:
            file = str(state) if state else f"Pulumi.{name}.yaml"
            sys.stdout.write(render_sarif.render(report, sources, otherwise=file))
        case Format.TERMINAL:
            _print(report, sources)
    raise typer.Exit(status_of(report))


def _print(report: Report, sources: Mapping[str, str]) -> None:
    from preview.render_terminal import console  # noqa: PLC0415 (only people need it)

    out = console(sys.stdout)
    for line in render_terminal.render(report, sources):
        out.print(line, soft_wrap=True)


def _record(judgements: Sequence[Judgement], recorded: Path) -> int:
    try:
        count = baseline.write_baseline(judgements, recorded)
    except OSError as error:
        raise CommandError(f"{recorded} cannot be written: {error.strerror}") from error
    say(f"{recorded}: {count} findings block no more; they stay in every report")
    return count


def judged_resources(stack: str | None, state: Path | None) -> tuple[str, Stack, Mapping[str, str]]:
    """The stack's name, its resources, and the lines that declare them."""
    if (stack is None) == (state is None):
        raise CommandError("name a stack, or give its state with --state FILE", ExitCode.USAGE)
    if state is not None:
        from policies.from_state import read_state  # noqa: PLC0415

        deployed = read_state(state)
        names = {resource.urn.split("::")[0].rpartition(":")[2] for resource in deployed.resources}
        return min(names, default=""), deployed, {}
    # To evaluate the program takes imports that judging a state does not need.
    from policies.from_graph import stack_of  # noqa: PLC0415
    from preview.project import ProjectError, evaluate_project, find_project  # noqa: PLC0415

    try:
        found = evaluate_project(find_project(Path.cwd()), stack or "")
    except ProjectError as error:
        raise CommandError(str(error)) from error
    declared = found.known.resources
    return found.stack, stack_of(declared), {r.urn: r.source for r in declared if r.source}


@app.command("list")
def list_(*, as_json: JsonOption = False) -> None:
    """List the rules."""
    width = max(len(rule.name) for rule in RULES)
    lines = [
        f"{rule.name:{width}}  {rule.level:9}  {rule.severity:8}  {rule.title}"
        + (f" ({', '.join(rule.controls)})" if rule.controls else "")
        for rule in RULES
    ]
    show({"rules": [_plain(rule) for rule in RULES]}, lines, as_json=as_json)


@app.command()
def explain(
    rule: Annotated[str, typer.Argument(help="The rule's name.", show_default=False)],
    *,
    as_json: JsonOption = False,
) -> None:
    """Say what a rule wants, why, and how to fix a violation."""
    found = next((candidate for candidate in RULES if candidate.name == rule), None)
    if found is None:
        from infra.validation import one_of  # noqa: PLC0415

        near = one_of([candidate.name for candidate in RULES], rule)
        known = near if "," not in near else "see `syncup policy list`"
        raise CommandError(f"there is no rule {rule}: {known}", ExitCode.USAGE)
    show(_plain(found), [_explained(found)], as_json=as_json)


def _plain(rule: Rule) -> Mapping[str, object]:
    names = ("name", "title", "severity", "level", "scope", "controls", "types", "why", "fix", "link")
    return {name: getattr(rule, name) for name in names}


def _explained(rule: Rule) -> str:
    scope = "each resource before it is made" if rule.scope == "resource" else "the whole stack in a preview"
    parts = [
        f"{rule.name}: {rule.title}",
        f"{rule.severity} severity, {rule.level}; it judges {scope}",
    ]
    if rule.controls:
        parts.append(f"serves {', '.join(rule.controls)}")
    if rule.parameters:
        parts.append(f"parameters: {', '.join(rule.parameters)}")
    parts += [f"types: {', '.join(rule.types)}", "", rule.why, "", rule.fix, "", rule.link]
    return "\n".join(parts)


@app.command()
def config(
    *,
    check_only: Annotated[bool, typer.Option("--check", help="Only say whether it is up to date.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the figures of operations.yaml into the pack's configuration."""
    from infra.policy_parameters import parameters_of  # noqa: PLC0415 (only here is the guide read)
    from infra.reading import read_guide  # noqa: PLC0415

    file = configuration.FILE
    text = configuration.write_parameters(parameters_of(read_guide()), file)
    current = file.read_text(encoding="utf-8") if file.exists() else ""
    if check_only:
        if text != current:
            raise CommandError(f"policies/{file.name} is stale: run `syncup policy config`")
    else:
        file.write_text(text, encoding="utf-8")
        say(f"policies/{file.name} says what operations.yaml says")
    show(
        {"file": f"policies/{file.name}", "changed": text != current and not check_only}, [], as_json=as_json
    )
