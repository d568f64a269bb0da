"""The guide's way to write a figure: `error_rate > 5%`, and for a target just `< 70%`.

Comparison, number and unit, each of which has to be there: a figure without its unit is a guess.
No Pulumi here.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Comparison(StrEnum):
    """How a measured value stands to the figure. Datadog's monitors spell it the same way."""

    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="

    @property
    def cloudwatch(self) -> str:
        """The operator's name in CloudWatch.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
        """
        return _CLOUDWATCH[self]

    @property
    def upwards(self) -> bool:
        """Whether values above the figure satisfy it."""
        return self in (Comparison.ABOVE, Comparison.AT_LEAST)


_CLOUDWATCH: Final = {
    Comparison.ABOVE: "GreaterThanThreshold",
    Comparison.AT_LEAST: "GreaterThanOrEqualToThreshold",
    Comparison.BELOW: "LessThanThreshold",
    Comparison.AT_MOST: "LessThanOrEqualToThreshold",
}


class Unit(StrEnum):
    """The units that the guide uses."""

    PERCENT = "%"
    MILLISECONDS = "ms"
    SECONDS = "s"
    PER_MINUTE = "/min"
    REQUESTS_PER_SECOND = "req/s"


_FACTORS: Final = {
    (Unit.MILLISECONDS, Unit.SECONDS): (1, 1000),
    (Unit.SECONDS, Unit.MILLISECONDS): (1000, 1),
}
"""Conversions as numerator and denominator, so that 1500 ms become exactly 1.5 s."""

_LIMIT: Final = re.compile(r"(?P<comparison>[<>=!]+)\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>\S*)")
_THRESHOLD: Final = re.compile(r"(?P<metric>[a-z][a-z0-9_]*)\s*(?P<limit>[<>=!].*)")


@dataclass(frozen=True, slots=True)
class Limit:
    """A comparison with a number in a unit: `< 70%`."""

    comparison: Comparison
    number: float
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Reads `< 70%`.

        Raises:
            ValueError: in one line, what is wrong and what would be right.
        """
        found = _LIMIT.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r}: write a comparison, a number and a unit, for instance '< 70%'")
        comparison, number, unit = found["comparison"], found["number"], found["unit"]
        if comparison not in list(Comparison):
            raise ValueError(f"{text!r}: {comparison!r} is no comparison, write one of {_listed(Comparison)}")
        if not unit:
            raise ValueError(f"{text!r}: the unit is missing, add one of {_listed(Unit)}")
        if unit not in list(Unit):
            raise ValueError(f"{text!r}: {unit!r} is no unit, write one of {_listed(Unit)}")
        return cls(Comparison(comparison), float(number), Unit(unit))

    def in_unit(self, unit: Unit) -> float:
        """The number in another unit.

        Raises:
            ValueError: the units measure different things.
        """
        if unit == self.unit:
            return self.number
        if (self.unit, unit) not in _FACTORS:
            raise ValueError(f"'{self}' cannot be said in {unit}")
        numerator, denominator = _FACTORS[self.unit, unit]
        return self.number * numerator / denominator

    def __str__(self) -> str:
        space = " " if self.unit is Unit.REQUESTS_PER_SECOND else ""
        return f"{self.comparison} {plain(self.number)}{space}{self.unit}"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A metric and the limit at which it rings: `error_rate > 5%`."""

    metric: str
    limit: Limit

    @classmethod
    def parse(cls, text: str) -> "Threshold":
        """Reads `error_rate > 5%`. Whether the metric exists is for `components.metrics` to say.

        Raises:
            ValueError: in one line, what is wrong and what would be right.
        """
        found = _THRESHOLD.fullmatch(text.strip())
        if found is None:
            raise ValueError(
                f"{text!r}: write a metric, a comparison, a number and a unit, for instance 'error_rate > 5%'"
            )
        try:
            limit = Limit.parse(found["limit"])
        except ValueError as error:
            raise ValueError(f"in {text!r}: {error}") from None
        return cls(found["metric"], limit)

    def __str__(self) -> str:
        return f"{self.metric} {self.limit}"


def plain(number: float) -> str:
    """A number as people write it: `5` and not `5.0`. Up to fifteen digits."""
    return f"{number:.15g}"


def _listed(values: type[StrEnum]) -> str:
    return ", ".join(values)
