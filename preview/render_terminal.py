"""A plan for people: the components with every resource, the totals, what is not known yet, what is wrong."""

from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from policies import render_terminal as policies
from preview.graph import STACK_TYPE, Resource
from preview.places import place_of
from preview.plan import Operation, Plan, Source, provider_of, unknown_inputs

_SYMBOLS = {
    Operation.SAME: (" ", "dim"),
    Operation.CREATE: ("+", "green"),
    Operation.UPDATE: ("~", "yellow"),
    Operation.REPLACE: ("±", "bold red"),
    Operation.DELETE: ("-", "bold red"),
    Operation.READ: ("<", "cyan"),
    Operation.IMPORT: ("=", "cyan"),
    Operation.REFRESH: ("~", "cyan"),
}
_NAMED_PROPERTIES = 3
_WIDTH_OF_FILES = 160


def render(plan: Plan, console: Console) -> None:
    """Prints a plan. Values of properties are never printed, so no secret is."""
    for part in _parts(plan):
        console.print(part, soft_wrap=isinstance(part, Text))


def console(file: TextIO) -> Console:
    """A console that writes plainly, and without wrapping what a terminal does not limit."""
    return Console(file=file, highlight=False, width=None if file.isatty() else _WIDTH_OF_FILES)


def render_verdict(plan: Plan, console: Console) -> None:
    """Prints only what is wrong, and the closing line."""
    for part in _verdict(plan):
        console.print(part, soft_wrap=True)


def _parts(plan: Plan) -> Iterator[RenderableType]:
    if plan.resources:
        yield _tree(plan)
        yield ""
        yield _by_component(plan)
        yield ""
        yield from _by_type(plan)
        yield ""
    yield from _verdict(plan)


def _tree(plan: Plan) -> Tree:
    """Components with their resources, as they hang together."""
    against = "as if nothing existed yet" if plan.source is Source.PROGRAM else "against the stack's state"
    root = Tree(
        Text.assemble((f"{plan.project} {plan.stack}", "bold"), (f"  {against}", "dim")), guide_style="dim"
    )
    nodes = {resource.urn: root for resource in plan.graph.resources if resource.type == STACK_TYPE}
    for resource in plan.graph.resources:
        if resource.type != STACK_TYPE:
            nodes[resource.urn] = nodes.get(resource.parent, root).add(_line(plan, resource))
    return root


def _line(plan: Plan, resource: Resource) -> Text:
    change = plan.changes[resource.urn]
    symbol, style = _SYMBOLS[change.operation]
    if not resource.custom:
        return Text.assemble((resource.name, "bold"), (f"  {resource.type}", "dim"))
    line = Text.assemble((f"{symbol} ", style), resource.name, (f"  {_in_python(resource.type)}", "dim"))
    if change.operation is Operation.REPLACE and change.forced_by:
        line.append(f"  forced by {', '.join(change.forced_by)}", "red")
    if resource.options.protect:
        line.append("  protected", "blue")
    for finding in plan.policies.pressing.get(resource.urn, ()) if plan.policies else ():
        mark, style = ("✗", "red") if finding.blocks else ("?", "yellow")
        line.append(f"  {mark} {finding.rule.name}", style)
    return line


def _by_component(plan: Plan) -> Table:
    """A line for each outermost component: its resources, and what it waits for."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("component", no_wrap=True)
    table.add_column("resources", justify="right", no_wrap=True)
    table.add_column("known after deployment", justify="right", no_wrap=True)
    table.add_column("mostly", style="dim")
    waiting: dict[str, Counter[str]] = {}
    for resource in plan.resources:
        names = (_waiting_property(resource, path) for path in unknown_inputs(resource))
        waiting.setdefault(plan.outermost(resource), Counter()).update(names)
    for name, count in plan.totals.by_component.items():
        counter = waiting[name]
        table.add_row(name or "(the stack itself)", str(count), str(counter.total()), _most_common(counter))
    total = sum(counter.total() for counter in waiting.values())
    table.add_section()
    table.add_row("in all", str(plan.totals.resources), str(total), "", style="bold")
    return table


def _waiting_property(resource: Resource, path: tuple[str | int, ...]) -> str:
    names = place_of(resource.type, path).names
    return names[-1] if names else ""


def _most_common(counter: Counter[str]) -> str:
    ordered = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count}" for name, count in ordered[:_NAMED_PROPERTIES])


def _by_type(plan: Plan) -> Iterator[RenderableType]:
    """How many of each type: a table for each provider, a line for each of its services."""
    for provider, count in plan.totals.by_provider.items():
        services: dict[str, dict[str, int]] = {}
        for token, number in plan.totals.by_type.items():
            if provider_of(token) == provider:
                service, name = _service_and_name(token)
                services.setdefault(service, {})[name] = number
        types = sum(len(names) for names in services.values())
        yield Text.assemble((provider, "bold"), f"  {_many(count, 'resource')} of {_many(types, 'type')}")
        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column(style="bold")
        table.add_column(justify="right")
        table.add_column()
        for service, names in sorted(services.items()):
            listed = ", ".join(name if number == 1 else f"{name} {number}" for name, number in names.items())
            table.add_row(f"  {service}", str(sum(names.values())), listed)
        yield table


def _in_python(token: str) -> str:
    """`aws:rds/instance:Instance` is `aws.rds.Instance`."""
    return ".".join(part for part in (provider_of(token), *_service_and_name(token)) if part)


def _service_and_name(token: str) -> tuple[str, str]:
    """`aws:rds/instance:Instance` is an `Instance` of `rds`."""
    _, path, name = token.split(":")
    return path.partition("/")[0].replace("index", ""), name


def _verdict(plan: Plan) -> Iterator[Text]:
    for message in plan.graph.messages:
        yield Text(f"{message.severity}: {message.text.strip()}", style="yellow")
    for error in plan.errors:
        yield Text(f"✗ {error}", style="red")
    for finding in plan.findings:
        declared = plan.graph.by_urn.get(finding.urn)
        place = (f"  {declared.source}", "dim") if declared and declared.source else ""
        yield Text.assemble(("✗ ", "red"), (_place(finding.urn, finding.path), "bold"), place)
        yield Text(f"  {finding.problem}")
        if finding.suggestion:
            yield Text(f"  {finding.suggestion}", style="green")
    if plan.policies:
        sources = {resource.urn: resource.source for resource in plan.graph.resources}
        yield from policies.render(plan.policies, sources)
    wrong = len(plan.findings) + len(plan.errors)
    if wrong:
        yield Text(f"{_many(wrong, 'error')} in {_summary(plan)}.", style="bold red")
    else:
        yield Text(f"No errors: {_summary(plan)}.", style="bold green")


def _place(urn: str, path: str) -> str:
    """The resource's type and name, and the property."""
    parts = urn.split("::")
    return f"{_in_python(parts[2].rpartition('$')[2])} {parts[3]}" + (f"  {path}" if path else "")


def _summary(plan: Plan) -> str:
    totals = plan.totals
    operations = ", ".join(f"{count} to {operation}" for operation, count in totals.by_operation.items())
    counted = f"{_many(totals.resources, 'resource')} in {_many(totals.components, 'component')}"
    return f"{counted} ({operations})" if operations else counted


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
