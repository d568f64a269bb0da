"""CloudWatch Logs Insights' language, as far as the commands speak it, over events that are in memory.

What it does not know it refuses: half an answer would look like a whole one.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

Row = Mapping[str, str]


class QueryError(Exception):
    """The query cannot be answered here. The message says which part of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One line of a log."""

    at_ms: int
    stream: str
    message: str
    pointer: str

    def fields(self) -> dict[str, str]:
        """Its own fields, and those of its message where that is a JSON object."""
        own = {
            "@timestamp": f"{datetime.fromtimestamp(self.at_ms / 1000, UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3],
            "@logStream": self.stream,
            "@message": self.message,
            "@ptr": self.pointer,
        }
        try:
            read: Any = json.loads(self.message)
        except ValueError:
            return own
        return {**_flat(cast("dict[str, Any]", read), ""), **own} if isinstance(read, dict) else own


def _flat(found: Mapping[str, Any], prefix: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in found.items():
        if isinstance(value, dict):
            flat |= _flat(cast("dict[str, Any]", value), f"{prefix}{name}.")
        elif value is not None:
            flat[f"{prefix}{name}"] = str(value)
    return flat


def run(query: str, events: Sequence[Event]) -> list[Row]:
    """The rows that a query finds.

    Raises:
        QueryError: a part of the query is not known here.
    """
    rows: list[Row] = [event.fields() for event in events]
    shown: Sequence[str] | None = None
    for part in _parts(query):
        word, _, rest = part.partition(" ")
        match word:
            case "fields":
                shown = [name.strip() for name in rest.split(",")]
            case "filter":
                keeps = _condition(rest.strip())
                rows = [row for row in rows if keeps(row)]
            case "stats":
                rows, shown = _counted(rest, rows), None
            case "sort":
                rows = _sorted(rest, rows)
            case "limit":
                rows = rows[: int(rest)]
            case _:
                raise QueryError(f"local does not know the command {word!r} of a query")
    if shown is None:
        return rows
    names = [*shown, "@ptr"]
    return [{name: row[name] for name in names if name in row} for row in rows]


def _parts(query: str) -> list[str]:
    """The commands of a query: a `|` inside quotes is a part of a text."""
    found = re.findall(r'(?:"(?:\\.|[^"\\])*"|[^|"])+', query)
    return [part.strip() for part in found if part.strip()]


def _condition(text: str) -> Callable[[Row], bool]:
    if found := re.fullmatch(r"ispresent\(([\w.@]+)\)", text):
        name = found[1]
        return lambda row: name in row
    if found := re.fullmatch(r'([\w.@]+) like ("(?:\\.|[^"\\])*")', text):
        name, wanted = found[1], _text(found[2])
        return lambda row: wanted in row.get(name, "")
    if found := re.fullmatch(r"([\w.@]+) in (\[.*\])", text):
        name, among = found[1], {_text(one.strip()) for one in found[2][1:-1].split(",")}
        return lambda row: row.get(name) in among
    if found := re.fullmatch(r'([\w.@]+) = ("(?:\\.|[^"\\])*"|\d+)', text):
        name, value = found[1], _text(found[2])
        return lambda row: row.get(name) == value
    raise QueryError(f"local does not know the condition {text!r} of a query")


def _text(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal[1:-1]) if literal.startswith('"') else literal


_COUNT: Final = re.compile(r"count\(\*\) as (?P<name>\w+)(?: by (?P<by>.+))?")


def _counted(text: str, rows: Sequence[Row]) -> list[Row]:
    found = _COUNT.fullmatch(text.strip())
    if found is None:
        raise QueryError(f"local does not know the statistics {text!r} of a query")
    by = [name.strip() for name in (found["by"] or "").split(",") if name.strip()]
    counts: dict[tuple[str, ...], int] = {} if by else {(): 0}
    for row in rows:
        key = tuple(row.get(name, "") for name in by)
        counts[key] = counts.get(key, 0) + 1
    return [{**dict(zip(by, key, strict=True)), found["name"]: str(count)} for key, count in counts.items()]


def _sorted(text: str, rows: Sequence[Row]) -> list[Row]:
    name, _, direction = text.strip().partition(" ")

    def key(row: Row) -> tuple[float, str]:
        value = row.get(name, "")
        return (float(value) if re.fullmatch(r"-?\d+(?:\.\d+)?", value) else 0.0, value)

    return sorted(rows, key=key, reverse=direction.strip() == "desc")
