"""`syncup bootstrap`: what must exist before the first update of a stack."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cli import frame
from cli.errors import CommandError
from cli.exit_codes import ExitCode
from cli.frame import (
    Change,
    DryRunOption,
    JsonOption,
    StackArgument,
    StackName,
    YesOption,
    configuration,
    going_on,
)
from cli.output import say, show, table

if TYPE_CHECKING:
    from operate.bootstrap import Names, Step

app = typer.Typer()

_REPOSITORY: Final = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+|[A-Za-z0-9-]+@\d+/[A-Za-z0-9._-]+@\d+")
_RELEASE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,63}")
"""Both as the template has them."""
_ROLES: Final = ("preview", "deploy", "drift", "recovery")


@app.command()
def bootstrap(
    stack: StackArgument,
    repository: Annotated[
        str | None,
        typer.Option(
            help="Whose workflows deploy: OWNER/NAME, or OWNER@ID/NAME@ID where its tokens carry them.",
            show_default=False,
        ),
    ] = None,
    release: Annotated[
        str | None, typer.Option(help="The release that the first instances run.", show_default=False)
    ] = None,
    *,
    names_only: Annotated[
        bool, typer.Option("--names", help="Only say what things are called, without asking AWS.")
    ] = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make what must exist before the first update: the state's bucket and key, the roles, the release."""
    _fits(_REPOSITORY, repository, "--repository", "OWNER/NAME, or OWNER@ID/NAME@ID with both numbers")
    _fits(_RELEASE, release, "--release", "a version such as 2026.11.3")
    if stack is StackName.LOCAL:
        raise CommandError("local needs nothing before it: `syncup local start`", ExitCode.USAGE)
    from operate import bootstrap as making  # noqa: PLC0415 (AWS costs half a second)
    from operate.aws import Clients, in_one_line  # noqa: PLC0415
    from operate.outputs import Outputs  # noqa: PLC0415
    from operate.stack import Stack  # noqa: PLC0415

    settings = _settings(stack)
    (account,) = settings["aws:allowedAccountIds"]
    names = making.Names(stack=stack.value, account_id=account, region=settings["aws:region"])
    if names_only:
        called = _called(names)
        show(called, [f"{name}={value}" for name, value in called.items()], as_json=as_json)
        return
    wanted = making.Wanted(
        recovery_region=settings["syncup:environment"]["recovery_region"],
        hosted_zone=settings["syncup:edge"]["hosted_zone_id"],
        repository=repository,
        release=release,
    )
    with in_one_line():
        found = Stack(
            name=stack.value,
            # It has none before its first update.
            outputs=Outputs(stack.value, {}),
            clients=Clients(stack.value, names.region),
            clock=frame.CLOCK,
        )
        steps = making.preview(found, names, wanted)
        what = f"makes {len(steps)} changes in {names.bootstrap}" if steps else "finds nothing to change"
        if not Change(dry_run=dry_run, yes=yes or not steps).agreed(found, what):
            show({"done": False, "changes": steps}, _listed(steps), as_json=as_json)
            return
        with going_on(f"CloudFormation goes on with {names.bootstrap}: the same command says how it ended"):
            making.apply(found, names, wanted, say)
    show({"done": True, "changes": steps, "names": _called(names)}, _next(names), as_json=as_json)


def _fits(pattern: re.Pattern[str], value: str | None, option: str, right: str) -> None:
    if value is not None and not pattern.fullmatch(value):
        raise CommandError(f"{option} {value!r}: write {right}", ExitCode.USAGE)


def _settings(stack: StackName) -> Mapping[str, Any]:
    """What the stack's file says, its objects and lists as such."""
    return {
        key: json.loads(text) if text.startswith(("{", "[")) else text
        for key, text in configuration(stack).items()
    }


def _called(names: "Names") -> dict[str, str]:
    """What a workflow has to know, by the names that it gives its outputs."""
    return {
        "account": names.account_id,
        "region": names.region,
        "backend": names.backend,
        "secrets_provider": names.secrets_provider,
        **{f"{role}_role": names.role(role) for role in _ROLES},
    }


def _listed(steps: Sequence["Step"]) -> list[str]:
    if not steps:
        return ["nothing to change"]
    rows = [[step.action, step.name, step.type, "anew" if step.replaces else ""] for step in steps]
    return table(["change", "name", "type", ""], rows)


def _next(names: "Names") -> list[str]:
    """The two lines that a person types next."""
    return [
        f"pulumi login '{names.backend}'",
        f"pulumi stack init {names.stack} --secrets-provider '{names.secrets_provider}'",
    ]
