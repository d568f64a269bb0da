"""The bench measures what it says it does. What it measures is for `make bench` to say: it takes minutes."""

import subprocess
import sys

from bench.__main__ import Ratio, loading_program
from bench.services import RESOURCES_EACH, evaluated
from infra.reading import ROOT


def test_its_program_declares_as_much_as_it_says_and_nothing_is_wrong_with_it() -> None:
    graph = evaluated(3)
    assert sum(resource.custom for resource in graph.resources) == 3 * RESOURCES_EACH


def test_the_yardstick_really_loads_the_modules() -> None:
    """A module of the SDK is lazy: without a touch of a class nothing of it is loaded."""
    script = loading_program([("pulumi_aws.sns", "Topic")]) + (
        "\nimport sys\nprint('pulumi_aws.sns.topic' in sys.modules, 'pulumi_aws.sqs.queue' in sys.modules)"
    )
    ended = subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert ended.stdout.split() == ["True", "False"]


def test_a_ratio_over_its_limit_is_marked() -> None:
    fine = Ratio(name="this / that", value=2.0, limit=3)
    over = Ratio(name="memory", value=321.5, limit=320, unit="MiB")
    assert (fine.holds, over.holds) == (True, False)
    assert str(fine).split() == ["this", "/", "that", "2.00", "times", "at", "most", "3", "times"]
    assert str(over).endswith("321.50 MiB   at most 320 MiB   OVER THE LIMIT")
