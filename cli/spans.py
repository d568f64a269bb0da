"""Lengths of time on the command line: `30s`, `5m`, `2h`, `1d`."""

import re
from datetime import timedelta
from typing import Final

import typer

_UNITS: Final = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_FORM: Final = re.compile(r"(\d{1,6})(s|m|min|h|d)")


def span(text: str) -> timedelta:
    """Reads a length of time.

    Raises:
        typer.BadParameter: it is none, or nothing.
    """
    found = _FORM.fullmatch(text)
    if found is None or not int(found[1]):
        raise typer.BadParameter(f"{text!r}: write a whole number and s, m, h or d, such as 5m")
    return int(found[1]) * _UNITS[found[2]]
