"""The answers to lookups have the shape that the SDK expects of them."""

import inspect
from typing import Any

import pytest
from pulumi_aws import ec2, ssm

from infra.fixtures import LOOKUPS

RESULTS: dict[str, type[Any]] = {
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": ec2.GetManagedPrefixListResult,
    "aws:ssm/getParameter:getParameter": ssm.GetParameterResult,
}


def _python_name(wire: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in wire)


@pytest.mark.parametrize("token", LOOKUPS)
def test_an_answer_has_the_properties_of_its_result_and_their_types(token: str) -> None:
    result = RESULTS[token]
    known = set(inspect.signature(result).parameters)
    values = {_python_name(name): value for name, value in LOOKUPS[token].items()}
    assert set(values) <= known
    # The result's own constructor refuses a value of another type.
    result(**{**dict.fromkeys(known), **values})
