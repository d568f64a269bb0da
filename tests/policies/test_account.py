"""Which stack declares what holds for its account, and whether a setting holds wherever it works."""

from typing import Any

import pytest

from policies.account import holds_everywhere, is_accounts
from policies.stack import Stack
from policies.view import UNKNOWN, Resource, UndecidedError

_DETECTOR = "aws:guardduty/detector:Detector"
_HUB = "aws:securityhub/account:Account"
_BUCKET = "aws:s3/bucket:Bucket"


def _stack(*declared: tuple[str, dict[str, Any]]) -> Stack:
    return Stack(
        Resource(urn=f"urn:pulumi:test::example::{token}::r{index}", type_token=token, inputs=inputs)
        for index, (token, inputs) in enumerate(declared)
    )


def _enabled(detector: Resource) -> bool:
    return detector.flag("enable", default=True)


def _everywhere(*declared: tuple[str, dict[str, Any]]) -> bool:
    return holds_everywhere(_stack(*declared), _DETECTOR, _enabled)


def test_settings_of_two_kinds_make_it_the_accounts_stack() -> None:
    assert is_accounts(_stack((_DETECTOR, {}), (_HUB, {})))
    assert not is_accounts(_stack((_DETECTOR, {"region": "eu-west-1"}), (_DETECTOR, {})))
    assert not is_accounts(_stack((_BUCKET, {})))


def test_a_setting_has_to_hold_in_every_region_that_a_resource_names() -> None:
    west, east = (_DETECTOR, {"region": "us-west-2"}), (_DETECTOR, {"region": "us-east-1"})
    bucket = (_BUCKET, {"region": "us-east-1"})
    assert _everywhere(west, east, bucket)
    assert not _everywhere(west, bucket)
    assert not _everywhere(west, (_DETECTOR, {"region": "us-east-1", "enable": False}), bucket)


def test_one_without_a_region_counts_for_one_that_nothing_else_covers() -> None:
    west, bucket = (_DETECTOR, {"region": "us-west-2"}), (_BUCKET, {"region": "us-east-1"})
    assert _everywhere((_DETECTOR, {}))
    assert _everywhere(west, (_DETECTOR, {}), bucket)
    assert not _everywhere((_DETECTOR, {}), bucket, (_BUCKET, {"region": "us-west-2"}))


def test_it_holds_nowhere_without_one() -> None:
    assert not _everywhere((_BUCKET, {}))


def test_what_is_unknown_is_undecided_only_where_it_decides() -> None:
    west, unknown = (_DETECTOR, {"region": "us-west-2"}), (_DETECTOR, {"enable": UNKNOWN})
    assert _everywhere(west, unknown)
    with pytest.raises(UndecidedError):
        _everywhere(unknown)
    with pytest.raises(UndecidedError):
        _everywhere(west, (_DETECTOR, {"region": UNKNOWN}), (_BUCKET, {"region": "us-east-1"}))
