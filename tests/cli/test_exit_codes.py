"""The exit statuses are one table, for people and for workflows that branch on them."""

import pytest

from cli.exit_codes import ExitCode, first_of


def test_the_numbers_are_the_documented_ones() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "FINE": 0,
        "FAILED": 1,
        "USAGE": 2,
        "POLICY": 3,
        "UNDECIDABLE": 4,
        "DATA_LOSS": 5,
        "REMOTE": 6,
        "GUARD": 7,
        "INTERRUPTED": 130,
    }


def test_where_several_hold_the_first_of_1_3_5_4_is_given() -> None:
    held = [ExitCode.UNDECIDABLE, ExitCode.DATA_LOSS, ExitCode.POLICY, ExitCode.FAILED]
    expected = [4, 5, 3, 1]
    assert [first_of(*held[: count + 1]) for count in range(4)] == expected


def test_one_alone_is_given_as_it_is() -> None:
    assert first_of() is ExitCode.FINE
    assert first_of(ExitCode.FINE, ExitCode.GUARD, ExitCode.FINE) is ExitCode.GUARD


def test_what_has_no_order_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="no order"):
        first_of(ExitCode.GUARD, ExitCode.REMOTE)
