"""`syncup incident`: a problem from its first minute to what was learned of it."""

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import Change, DryRunOption, JsonOption, StackArgument, YesOption, connected
from cli.output import age, moment, say, show, table

if TYPE_CHECKING:
    from operate.incident_services import Channels
    from operate.incidents import Incident
    from operate.stack import Stack

app = typer.Typer(
    name="incident",
    help="Open incidents, tell everybody about them, and learn from them.",
    no_args_is_help=True,
)


class Severity(StrEnum):
    """The guide's Severity Levels."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class Stage(StrEnum):
    """What an update may make of an incident. Opening and closing are commands of their own."""

    ACKNOWLEDGED = "acknowledged"
    INVESTIGATING = "investigating"
    MITIGATING = "mitigating"
    RESOLVED = "resolved"


_Id = Annotated[str, typer.Option("--id", help="The incident: INC123.", show_default=False)]


@app.command()
def create(
    stack: StackArgument,
    title: Annotated[
        str,
        typer.Option(help="What users notice, in one line. The status page shows it.", show_default=False),
    ],
    severity: Annotated[
        Severity, typer.Option(help="How bad it is, as the guide counts. P1 and P2 wake people.")
    ] = Severity.P3,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Open an incident and tell PagerDuty, Slack and the status page."""
    from operate import incidents  # noqa: PLC0415

    to, title = _channels(), incidents.titled(title)
    with connected(stack) as found:
        if not Change(dry_run=dry_run, yes=yes).agreed(found, f"opens a {severity} incident: {title}"):
            show({"done": False}, [], as_json=as_json)
            return
        made = incidents.create(found, title, severity)
        say(f"{made.id} is open")
        made = _told(found, made, to)
    _show(made, as_json=as_json)


@app.command()
def update(
    stack: StackArgument,
    identifier: _Id,
    status: Annotated[Stage | None, typer.Option(help="How far it is.", show_default=False)] = None,
    severity: Annotated[
        Severity | None, typer.Option(help="How bad it turns out to be.", show_default=False)
    ] = None,
    message: Annotated[
        str, typer.Option(help="What happened, for the team: the public does not see it.", show_default=False)
    ] = "",
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Add to an incident's timeline. Without anything to add: tell the channels what they have missed."""
    from operate import incidents  # noqa: PLC0415

    to = _channels()
    with connected(stack) as found:
        incident = incidents.read(found, identifier)
        words = [f"is {status}"] if status else []
        words += [f"is {severity}"] if severity else []
        words += [message.strip()] if message.strip() else []
        says = "; ".join(words)
        what = (
            f"{identifier}: {says}" if says else f"tells the channels what they have missed of {identifier}"
        )
        if not Change(dry_run=dry_run, yes=yes).agreed(found, what):
            show({"done": False}, [], as_json=as_json)
            return
        if says:
            new = incidents.Status(status) if status else None
            incident = incidents.update(found, identifier, status=new, severity=severity, says=says)
        incident = _told(found, incident, to)
    _show(incident, as_json=as_json)


@app.command()
def close(
    stack: StackArgument,
    identifier: _Id,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Close an incident. What is closed stays closed."""
    from operate import incidents  # noqa: PLC0415

    to = _channels()
    with connected(stack) as found:
        incident = incidents.read(found, identifier)
        if not Change(dry_run=dry_run, yes=yes).agreed(found, f"closes {identifier}: {incident.title}"):
            show({"done": False}, [], as_json=as_json)
            return
        if incident.status is not incidents.Status.CLOSED:
            incidents.update(found, identifier, status=incidents.Status.CLOSED, severity=None, says="closed")
        incident = _told(found, incident, to)
    _show(incident, as_json=as_json)


@app.command()
def postmortem(
    stack: StackArgument,
    identifier: _Id,
    *,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Draft a post-mortem from the timeline, the alarms and the deployments, and keep it in S3."""
    from operate import incidents  # noqa: PLC0415
    from operate.postmortem import draft  # noqa: PLC0415

    with connected(stack) as found:
        text = draft(found, incidents.read(found, identifier))
        if dry_run:
            say("nothing is kept, this is a dry run")
            place = None
        else:
            place = incidents.keep_postmortem(found, identifier, text)
            say(f"kept as {place}")
    show({"postmortem": text, "kept": place}, text.splitlines(), as_json=as_json)


@app.command("list")
def list_(
    stack: StackArgument,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    *,
    as_json: JsonOption = False,
) -> None:
    """List incidents, the newest first."""
    from operate import incidents  # noqa: PLC0415

    with connected(stack) as found:
        seen = incidents.recent(found, limit)
        now = found.clock.now()
    rows = [
        [one.id, one.severity, one.status, moment(one.began), age((one.ended or now) - one.began), one.title]
        for one in seen
    ]
    show(
        {"incidents": [_plain(one) for one in seen]},
        table(["id", "", "status", "began (UTC)", "for", "title"], rows) if seen else ["none yet"],
        as_json=as_json,
    )


def _channels() -> "Channels":
    from infra.reading import read_guide  # noqa: PLC0415
    from operate.incident_services import channels  # noqa: PLC0415

    return channels(read_guide().severities, os.environ)


def _told(stack: "Stack", incident: "Incident", to: "Channels") -> "Incident":
    from operate.channels import tell  # noqa: PLC0415

    return tell(stack, incident.id, to, say)


def _show(incident: "Incident", *, as_json: bool) -> None:
    head = f"{incident.id}  {incident.severity}  {incident.status}  {incident.title}"
    show(_plain(incident), [head, *(f"  {entry}" for entry in incident.timeline)], as_json=as_json)


def _plain(incident: "Incident") -> dict[str, object]:
    return {
        "id": incident.id,
        "title": incident.title,
        "severity": incident.severity,
        "status": incident.status,
        "began": incident.began,
        "ended": incident.ended,
        "timeline": incident.timeline,
    }
