"""A stack is what its outputs say."""

import re
from pathlib import Path

import pytest

import operate
from operate.errors import OperationError
from operate.stack import Stack, connect
from tests.operate.double import Aws, Time
from tests.operate.healthy import OUTPUTS
from tests.program import inventory

_NAMED = re.compile(r'outputs\["([a-z-]+)"\]|"([a-z-]+)" in (?:stack|self)\.outputs')


def test_every_page_of_the_outputs_is_read(stack: Stack) -> None:
    assert dict(stack.outputs) == OUTPUTS


def test_a_missing_output_is_named(stack: Stack) -> None:
    with pytest.raises(OperationError, match="staging has no output 'moon'"):
        _ = stack.outputs["moon"]


def test_a_stack_that_is_not_there_says_where_it_was_looked_for(aws: Aws, time: Time) -> None:
    with pytest.raises(OperationError, match="no parameter below /syncup/production/outputs in us-west-2"):
        connect("production", "us-west-2", time.clock)
    assert aws.changes == []


def test_the_doubles_outputs_are_the_programs() -> None:
    kept = inventory.file("staging").read_text(encoding="utf-8")
    _, _, below = kept.partition("\noperations.Outputs outputs\n")
    declared = re.match(r"(?:    ssm\.Parameter \S+\n)+", below)
    assert declared
    assert declared[0].split()[1::2] == sorted(OUTPUTS)


def test_what_the_procedures_ask_for_is_written_by_the_program() -> None:
    named = {
        one or other
        for module in Path(operate.__path__[0]).glob("*.py")
        for one, other in _NAMED.findall(module.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= {*OUTPUTS, "replica-identifier"}
