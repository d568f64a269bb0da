"""`syncup image`: the newest base image, as a change of the stack's file."""

import typer

from cli.errors import CommandError
from cli.exit_codes import ExitCode
from cli.frame import DryRunOption, JsonOption, StackArgument, StackName, configuration
from cli.output import say, show

app = typer.Typer()


@app.command()
def image(stack: StackArgument, *, dry_run: DryRunOption = False, as_json: JsonOption = False) -> None:
    """Write the newest base image into the stack's file, to be reviewed. Nothing changes in AWS."""
    if stack is StackName.LOCAL:
        raise CommandError("local has no file of its own, and no instances", ExitCode.USAGE)
    from operate.aws import Clients, in_one_line  # noqa: PLC0415 (AWS costs half a second)
    from operate.image import newest  # noqa: PLC0415

    with in_one_line():
        found = newest(Clients(stack.value, configuration(stack)["aws:region"]), stack.value)
    name, written = found.proposal.file.name, not (dry_run or found.is_present)
    if found.is_present:
        lines = [f"{name} has the newest image: {found.newest}"]
    else:
        say(f"{found.present} → {found.newest}")
        lines = [f"{name}: {line}" for line in found.proposal.difference]
    if written:
        found.proposal.write()
        say(
            f"{name} is changed: commit it; `syncup up {stack}` brings the image into the launch template, "
            f"`syncup deploy {stack} RELEASE` with the present release to the instances"
        )
    elif dry_run:
        say(f"{stack}: nothing is done, this is a dry run")
    show(
        {
            "done": written,
            "file": name,
            "present": found.present,
            "newest": found.newest,
            "difference": found.proposal.difference,
        },
        lines,
        as_json=as_json,
    )
