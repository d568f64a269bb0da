"""Lengths of time as the guide writes them: `30min`, `2h`, `30d`."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field, PlainValidator

_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_FORM = re.compile(r"(\d{1,6})(min|h|d)")


def duration(text: Any) -> timedelta:
    """Reads a duration.

    Raises:
        ValueError: it is not a whole number with one of the units.
    """
    found = _FORM.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        missing = re.fullmatch(r"\d+", str(text)) is not None
        wrong = "the unit is missing" if missing else "this is no duration"
        raise ValueError(f"{wrong}, write a whole number and min, h or d, such as 30min, 2h or 30d")
    return int(found[1]) * _UNITS[found[2]]


def spelled(length: timedelta) -> str:
    """A duration in the largest unit that fits it: the inverse of `duration`."""
    for name, unit in reversed(_UNITS.items()):
        if length >= unit and not length % unit:
            return f"{length // unit}{name}"
    return f"{length // _UNITS['min']}min"


Duration = Annotated[
    timedelta, PlainValidator(duration, json_schema_input_type=str), Field(examples=["30min", "2h", "30d"])
]
