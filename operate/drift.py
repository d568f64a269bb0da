"""What differs in the cloud from what was deployed, and what of the deployed breaks a rule.

A difference is excused where the table of ownership (`infra/ownership.py`) says that somebody else changes
the property. All others were made by hand, and the next update takes them back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from infra.ownership import OWNED, not_managed
from operate.errors import OperationError
from operate.github import Repository
from policies.from_state import state_of
from policies.pack import read_pack
from policies.report import Report
from preview import redact
from preview.graph import Resource
from preview.markdown import code, plain
from preview.paths import written
from preview.plan import Operation, Plan, PropertyChange
from preview.shown import Shown

LABEL: Final = "drift"
"""Of the issues, by which the next comparison finds its own."""
_LONGEST: Final = 60_000
"""Characters of an issue's text; GitHub refuses more than 65,536."""


class Deployed(Protocol):
    """What is deployed, as its engine knows it."""

    def drift(self) -> Plan:
        """What differs in the cloud from the state, which stays as it is."""
        ...

    def exported(self) -> Any:
        """The state as `pulumi stack export` writes it."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A resource that is not as it was deployed."""

    type: str
    name: str
    properties: Sequence[str]
    """The paths that differ; none where the resource is gone."""
    says: str
    """The same in Markdown, with values where they are short and no secrets."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Excused:
    """A property that somebody else may change, and has changed."""

    type: str
    name: str
    property: str
    owner: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """What has been found."""

    stack: str
    differences: Sequence[Difference]
    excused: Sequence[Excused]
    policies: Report
    """What the rules say of what is deployed."""

    @property
    def fine(self) -> bool:
        """Whether there is nothing to do."""
        return not self.differences and not self.policies.pressing


def look(deployed: Deployed, stack: str) -> Drift:
    """Compares and judges. Changes nothing.

    Args:
        deployed: what is deployed.
        stack: the stack's name.

    Raises:
        OperationError: the comparison did not come to its end, with the reason in a line.
        RemoteError: the state cannot be reached.
    """
    plan = deployed.drift()
    if plan.errors:
        raise OperationError(f"{stack} cannot be compared: {' '.join(plan.errors[0].split())}")
    pack = read_pack(stack)
    try:
        report = pack.report(pack.judge(state_of(deployed.exported())))
    except ValueError:
        raise OperationError(f"{stack} has no state that can be judged: it was never deployed") from None
    shown = Shown(redact.secrets_of(plan.graph), complete=False)
    found = [one for one in plan.resources if plan.changes[one.urn].operation is Operation.REFRESH]
    return Drift(
        stack=stack,
        differences=[one for resource in found for one in _differences(resource, plan, shown)],
        excused=[one for resource in found for one in _excused(resource, plan)],
        policies=report,
    )


def _differences(resource: Resource, plan: Plan, shown: Shown) -> Iterator[Difference]:
    """The one difference of a resource, or none where all of it is excused."""
    changed = plan.changes[resource.urn].properties
    nobodys = [one for one in changed if not _owner(resource.type, one)]
    if nobodys or not changed:
        says = "; ".join(f"{code(written(one.path))} {shown.values(one)}" for one in nobodys)
        yield Difference(
            type=resource.type,
            name=resource.name,
            properties=[written(one.path) for one in nobodys],
            says=says or "is no longer there",
        )


def _excused(resource: Resource, plan: Plan) -> Iterator[Excused]:
    for one in plan.changes[resource.urn].properties:
        owner = _owner(resource.type, one)
        if owner:
            yield Excused(type=resource.type, name=resource.name, property=written(one.path), owner=owner)


def _owner(token: str, change: PropertyChange) -> str:
    """Who may change a property beside the program; empty where it is nobody."""
    # A path inside a list goes through an index, which the table has not.
    path = [step for step in change.path if isinstance(step, str)]
    owners = [owned.owner for owned in OWNED if owned.type == token]
    for owned, owner in zip(_OWNED.get(token, ()), owners, strict=True):
        if path[: len(owned)] == owned:
            return owner
    return ""


_OWNED: Final[Mapping[str, Sequence[Sequence[str]]]] = {
    token: [path.split(".") for path in paths] for token, paths in not_managed().items()
}
"""By type, the steps to the properties of the table, in its order."""


def lines(drift: Drift) -> Iterator[str]:
    """What has been found, for people."""
    for one in drift.differences:
        yield f"{one.type} {one.name}: {', '.join(one.properties) or 'is no longer there'}"
    for finding in [one for found in drift.policies.pressing.values() for one in found]:
        yield f"{finding.urn.rpartition('::')[2]}: {finding.rule.name}: {'; '.join(finding.problems)}"
    for one in drift.excused:
        yield f"{one.name}: {one.property} is {one.owner}'s"


def issue(drift: Drift) -> str:
    """What has been found as an issue's text, which always ends with its marker."""
    remedy = (
        f"`syncup up {drift.stack}` takes changes by hand back. What was meant belongs into the program; "
        "what somebody else is to change for good belongs into `infra/ownership.py`."
    )
    parts = [
        f"What is deployed in **{drift.stack}** is not what its last update left there.",
        *_part("Changed by hand", (f"{_named(one.type, one.name)}: {one.says}" for one in drift.differences)),
        *_part("Rules that what is deployed breaks", _findings(drift.policies)),
        remedy,
    ]
    return f"{_shortened(parts)}\n\n{marker(drift.stack)}\n"


def marker(stack: str) -> str:
    """The last line of a stack's issue."""
    return f"<!-- syncup drift {stack} -->"


def _part(title: str, entries: Iterator[str]) -> list[str]:
    listed = [f"- {entry}" for entry in entries]
    return ["\n".join([f"### {title}", "", *listed])] if listed else []


def _findings(report: Report) -> Iterator[str]:
    for urn, findings in report.pressing.items():
        for one in findings:
            yield f"{code(urn.rpartition('::')[2])}: {code(one.rule.name)}, {plain('; '.join(one.problems))}"


def _named(token: str, name: str) -> str:
    return f"{code(name)} ({code(token)})"


def _shortened(parts: Sequence[str]) -> str:
    text = "\n\n".join(parts)
    if len(text) <= _LONGEST:
        return text
    whole = text[:_LONGEST].rpartition("\n")[0]
    return f"{whole}\n\n_… and more: `syncup drift` shows all._"


def report(repository: Repository, drift: Drift) -> str:
    """Opens, writes anew or closes the stack's one issue, and says which in a line.

    Args:
        repository: whose issues.
        drift: what has been found.

    Raises:
        RemoteError: GitHub refuses, or cannot be reached.
    """
    known = [one for one in repository.issues(LABEL) if one.body.rstrip().endswith(marker(drift.stack))]
    if drift.fine:
        for one in known:
            repository.comment(one.number, f"{drift.stack} is again what its last update left.")
            repository.close_issue(one.number)
        return f"issue {known[0].number} is closed" if known else "there is no issue, and none is needed"
    text = issue(drift)
    if not known:
        number = repository.open_issue(f"{drift.stack} is not what was deployed", text, LABEL)
        return f"issue {number} is opened"
    if known[0].body.strip() == text.strip():
        return f"issue {known[0].number} says so already"
    repository.edit_issue(known[0].number, text)
    return f"issue {known[0].number} is written anew"
