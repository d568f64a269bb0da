"""How results are written: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_CONTROLS: Final = {
    code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"
}
"""What moves a terminal's cursor, colours it or renames its window."""


def say(line: str) -> None:
    """Progress, for people: on standard error, so that a result can be piped."""
    sys.stderr.write(f"{harmless(line)}\n")
    sys.stderr.flush()


def harmless(text: str) -> str:
    """A text that a terminal shows and does not obey: logs and titles hold what strangers have written."""
    return text.translate(_CONTROLS)


def show(result: object, lines: Iterable[str], *, as_json: bool) -> None:
    """A command's result on standard output: as JSON alone, or as lines for people.

    Args:
        result: dataclasses, mappings, lists and plain values.
        lines: the same for people.
        as_json: which of them.
    """
    if as_json:
        sys.stdout.write(f"{json.dumps(result, default=_plain, indent=2, ensure_ascii=False)}\n")
    else:
        sys.stdout.writelines(f"{harmless(line)}\n" for line in lines)


def show_one(result: object, line: str, *, as_json: bool) -> None:
    """One of many results that come one by one: a line each, as JSON or for people, and at once."""
    text = json.dumps(result, default=_plain, ensure_ascii=False) if as_json else harmless(line)
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Columns under their names, as wide as they have to be."""
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def moment(when: datetime) -> str:
    """A point in time to the second, in UTC."""
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def age(length: timedelta) -> str:
    """A length of time in its largest unit: `3 d`, `5 h`, `12 min`, `40 s`."""
    seconds = max(0, int(length.total_seconds()))
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def size(count: int) -> str:
    """A number of bytes in its largest unit."""
    value, units = float(count), ["B", "KiB", "MiB", "GiB", "TiB"]
    while value >= 1024 and len(units) > 1:  # noqa: PLR2004 (that is a KiB)
        value, units = value / 1024, units[1:]
    return f"{value:.0f} {units[0]}" if units[0] == "B" else f"{value:.1f} {units[0]}"
