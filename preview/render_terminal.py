"""A plan for people: the components with every resource, the totals, what is not known yet, what is wrong."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from typing import Final, TextIO

from rich.console import Console, RenderableType
from rich.text import Text
from rich.tree import Tree

from policies import render_terminal as policies
from preview.graph import STACK_TYPE, Resource
from preview.places import place_of
from preview.plan import Operation, Plan, Source, provider_of, unknown_inputs
from preview.sdk_types import PROVIDER_PREFIX

_SYMBOLS: Final = {
    Operation.SAME: (" ", "dim"),
    Operation.CREATE: ("+", "green"),
    Operation.UPDATE: ("~", "yellow"),
    Operation.REPLACE: ("±", "bold red"),
    Operation.DELETE: ("-", "bold red"),
    Operation.READ: ("<", "cyan"),
    Operation.IMPORT: ("=", "cyan"),
    Operation.REFRESH: ("~", "cyan"),
    Operation.FORGET: ("x", "cyan"),
}
_AGAINST: Final = {
    Source.PROGRAM: "as if nothing existed yet",
    Source.ENGINE: "against the stack's state",
    Source.COMPARISON: "against revision {}",
}
_GUIDE: Final = 4
"""The width of a branch of the tree."""
_NAMED_PROPERTIES: Final = 3
_WIDTH_OF_FILES: Final = 120
_SHORTEST_NAME: Final = 20


def render(plan: Plan, console: Console) -> None:
    """Prints a plan. Values of properties are never printed, so no secret is."""
    for part in _parts(plan, console.width):
        # What is a Text is broken by the terminal, where it has to be: it can then be copied in one piece.
        console.print(part, soft_wrap=isinstance(part, Text))


def console(file: TextIO) -> Console:
    """A console that writes plainly, and with room for a line where no terminal limits it."""
    return Console(file=file, highlight=False, width=None if file.isatty() else _WIDTH_OF_FILES)


def render_verdict(plan: Plan, console: Console) -> None:
    """Prints only what is wrong, and the closing line."""
    for part in _verdict(plan):
        console.print(part, soft_wrap=True)


def _parts(plan: Plan, width: int) -> Iterator[RenderableType]:
    if plan.graph.resources:
        yield _tree(plan, width)
        yield ""
    if plan.resources:
        yield from _by_component(plan, width)
        yield ""
        yield from _by_type(plan, width)
        yield ""
    yield from _verdict(plan)


def _tree(plan: Plan, width: int) -> Tree:
    """Components with their resources, as they hang together."""
    root = Tree(_title(plan), guide_style="dim")
    nodes = {resource.urn: (root, 0) for resource in plan.graph.resources if resource.type == STACK_TYPE}
    for resource in _shown(plan):
        if resource.type != STACK_TYPE:
            parent, depth = nodes.get(resource.parent, (root, 0))
            line = _line(plan, resource, width - _GUIDE * (depth + 1))
            nodes[resource.urn] = (parent.add(line), depth + 1)
    return root


def _shown(plan: Plan) -> Iterator[Resource]:
    """All resources; of a comparison those that differ, with the components that contain them."""
    wanted = {r.urn for r in plan.graph.resources if plan.changes[r.urn].operation is not Operation.SAME}
    for resource in reversed(plan.graph.resources):
        if resource.urn in wanted:
            wanted.add(resource.parent)
    yield from (r for r in plan.graph.resources if plan.source is not Source.COMPARISON or r.urn in wanted)


def _title(plan: Plan) -> Text:
    """Which stack, compared with what, and what the symbols in the tree mean."""
    against = _AGAINST[plan.source].format(plan.against)
    title = Text.assemble((f"{plan.project} {plan.stack}", "bold"), (f"  {against}", "dim"))
    for operation in plan.totals.by_operation:
        symbol, style = _SYMBOLS[operation]
        if symbol.strip():
            title.append(f"  {symbol} ", style).append(operation.value, "dim")
    return title


def _line(plan: Plan, resource: Resource, room: int) -> Text:
    """A resource: what happens to it, its name, its type, and what deserves attention."""
    change = plan.changes[resource.urn]
    symbol, style = _SYMBOLS[change.operation]
    remarks = Text()
    if change.operation is Operation.REPLACE and change.forced_by:
        likely = " (likely)" if change.likely else ""
        remarks.append(f"  forced by {', '.join(change.forced_by)}{likely}", "red")
    if resource.options.protect:
        remarks.append("  protected", "blue")
    for finding in plan.policies.pressing.get(resource.urn, ()) if plan.policies else ():
        mark, mark_style = ("✗", "red") if finding.blocks else ("?", "yellow")
        remarks.append(f"  {mark} {finding.rule.name}", mark_style)
    begin = Text(f"{symbol} ", style) if resource.custom else Text()
    name, type_ = _fitted(resource, _unsaid(plan), room - len(begin) - len(remarks))
    return Text.assemble(begin, (name, "" if resource.custom else "bold"), (f"  {type_}", "dim"), remarks)


def _fitted(resource: Resource, unsaid: Container[str], room: int) -> tuple[str, str]:
    """Name and type, in the fullest form that fits: the service goes first, then the middle of the name."""
    name, type_ = resource.name, _in_python(resource.type, unsaid)
    if len(name) + len(type_) + 2 > room:
        type_ = type_.rpartition(".")[2]
    most = max(room - len(type_) - 2, _SHORTEST_NAME)
    if len(name) > most:
        name = f"{name[: most // 2]}…{name[len(name) + 1 - most + most // 2 :]}"
    return name, type_


def _unsaid(plan: Plan) -> frozenset[str]:
    """The packages that go without saying: the project's own, and that of most resources."""
    return frozenset({plan.project, *list(plan.totals.by_provider)[:1]})


def _by_component(plan: Plan, width: int) -> Iterator[Text]:
    """A line for each outermost component: its resources, and what it waits for."""
    waiting: dict[str, Counter[str]] = {}
    for resource in plan.resources:
        names = (_waiting_property(resource, path) for path in unknown_inputs(resource))
        waiting.setdefault(plan.outermost(resource), Counter()).update(names)
    shown = {name: name or "(the stack itself)" for name in plan.totals.by_component}
    column = max(map(len, [*shown.values(), "component"]))
    yield Text(f"{'component':<{column}}  resources  known later  mostly", "bold")
    for name, count in plan.totals.by_component.items():
        counter = waiting[name]
        row = f"{shown[name]:<{column}}  {count:>9}  {counter.total():>11}"
        mostly = _packed(_most_common(counter), width - len(row) - 2)
        yield Text.assemble(row, (f"  {mostly[0].rstrip(',')}" if mostly else "", "dim"))
    later = sum(counter.total() for counter in waiting.values())
    yield Text(f"{'in all':<{column}}  {plan.totals.resources:>9}  {later:>11}", "bold")
    yield Text("known later: what only the cloud will know, such as the id of a new resource", "dim")


def _waiting_property(resource: Resource, path: tuple[str | int, ...]) -> str:
    names = place_of(resource.type, path).names
    return names[-1] if names else ""


def _most_common(counter: Counter[str]) -> list[str]:
    ordered = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return [f"{name} {count}" for name, count in ordered[:_NAMED_PROPERTIES]]


def _by_type(plan: Plan, width: int) -> Iterator[Text]:
    """How many of each type: a heading for each provider, a line for each of its services."""
    for provider, count in plan.totals.by_provider.items():
        services: dict[str, dict[str, int]] = {}
        for token, number in plan.totals.by_type.items():
            if provider_of(token) == provider:
                service, name = _service_and_name(token)
                services.setdefault(service, {})[name] = number
        types = sum(map(len, services.values()))
        yield Text.assemble((provider, "bold"), f"  {_many(count, 'resource')} of {_many(types, 'type')}")
        column, digits = max(map(len, services)), len(str(count))
        for service, names in sorted(services.items()):
            begin = f"  {service:<{column}}  " if column else "  "
            begin += f"{sum(names.values()):>{digits}}  "
            items = [name if number == 1 else f"{name} {number}" for name, number in names.items()]
            for index, line in enumerate(_packed(items, width - len(begin))):
                yield Text(" " * len(begin) + line if index else begin + line)


def _packed(items: Iterable[str], width: int) -> list[str]:
    """A list as lines of at most a width, each of whole items."""
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + len(", ,") + len(item) <= width:
            lines[-1] += f", {item}"
        else:
            lines = [*lines[:-1], f"{lines[-1]},", item] if lines else [item]
    return lines


def _in_python(token: str, unsaid: Container[str] = ()) -> str:
    """`aws:rds/instance:Instance` is `aws.rds.Instance`, or `rds.Instance` where AWS goes without saying."""
    provider, (service, name) = provider_of(token), _service_and_name(token)
    said = provider not in unsaid or not service
    return ".".join(part for part in (provider if said else "", service, name) if part)


def _service_and_name(token: str) -> tuple[str, str]:
    """`aws:rds/instance:Instance` is an `Instance` of `rds`; what configures a provider is its `Provider`."""
    if token.startswith(PROVIDER_PREFIX):
        return "", "Provider"
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
    operations = ", ".join(
        f"{count} unchanged" if operation is Operation.SAME else f"{count} to {operation}"
        for operation, count in totals.by_operation.items()
    )
    counted = f"{_many(totals.resources, 'resource')} in {_many(totals.components, 'component')}"
    return f"{counted} ({operations})" if operations else counted


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
