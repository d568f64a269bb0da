"""`syncup local`: the environment on this machine."""

import typer

from cli.frame import JsonOption, StackName, configuration
from cli.output import say, show

app = typer.Typer(name="local", help="AWS, the database and the cache on this machine.", no_args_is_help=True)


@app.command()
def start(*, as_json: JsonOption = False) -> None:
    """Start the stack `local`: no account is needed, and nothing leaves this machine."""
    from local import environment  # noqa: PLC0415 (beside its one use)

    found = environment.start(configuration(StackName.LOCAL), say)
    lines = [f"local is ready: `syncup status {StackName.LOCAL}`"]
    show({"done": True, "endpoint": found.endpoint, "url": found.page}, lines, as_json=as_json)


@app.command()
def stop(*, as_json: JsonOption = False) -> None:
    """Take the stack `local` down. Nothing of it is left."""
    from local import environment  # noqa: PLC0415

    done = environment.stop()
    lines = ["local is gone" if done else "local was not started"]
    show({"done": done}, lines, as_json=as_json)
