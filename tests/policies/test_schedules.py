"""How long AWS's schedules pause, and when they run."""

import pytest

from policies.schedules import MINUTES_A_DAY, Schedule, parse


def _parsed(expression: str) -> Schedule:
    found = parse(expression)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("rate(90 days)", 90),
        ("rate(1 day)", 1),
        ("rate(12 hours)", 0.5),
        ("cron(0 4 * * ? *)", 1),
        ("cron(0 4,16 * * ? *)", 0.5),
        ("cron(0 0/6 ? * * *)", 0.25),
        ("cron(0 4 ? * SUN *)", 7),
        ("cron(0 4 ? * MON-FRI *)", 3),
        ("cron(0 4 ? * FRI-MON *)", 4),
        ("cron(0 4 ? * MON#1 *)", 35),
        ("cron(0 4 ? * 6L *)", 35),
        ("cron(0 4 ? * L *)", 7),
        ("cron(0 4 1 * ? *)", 31),
        ("cron(0 4 L * ? *)", 31),
        ("cron(0 4 1 1/3 ? *)", 92),
        ("cron(0 4 1 JAN,JUL ? *)", 184),
        ("CRON(0 4 1 1 ? *)", 365),
    ],
)
def test_the_longest_pause(expression: str, days: float) -> None:
    assert _parsed(expression).longest_pause_minutes == days * MINUTES_A_DAY


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "daily",
        "rate(0 days)",
        "rate(1 week)",
        "cron(0 4 * * ?)",
        "cron(61 4 * * ? *)",
        "cron(a b c d e f)",
        "cron(0 4 ? * SUN#x *)",
        "cron(0/0 4 * * ? *)",
    ],
)
def test_what_aws_would_not_run_is_none(expression: str) -> None:
    assert parse(expression) is None


@pytest.mark.parametrize("expression", ["cron(0 4 30 2 ? *)", "cron(0 4 1 1 ? 2029)"])
def test_what_never_runs_again_pauses_for_good(expression: str) -> None:
    assert _parsed(expression).longest_pause_minutes > 365 * MINUTES_A_DAY


def test_runs_are_counted_from_a_monday() -> None:
    assert list(_parsed("cron(30 2 ? * SUN *)").runs(14)) == [
        6 * MINUTES_A_DAY + 150,
        13 * MINUTES_A_DAY + 150,
    ]
    assert list(_parsed("rate(12 hours)").runs(1)) == [0, 720]
