"""The tables name types and properties that the provider's SDK has, each once and in one place."""

import pytest

from facts.holding_data import HOLDING_DATA, holds_data
from facts.identity import ARNS, FORMS, IDENTIFIED_BY_ARN, IDENTIFIERS, ONE_FOR_EACH
from facts.regions import REGIONS
from preview import sdk_types
from preview.graph import Resource
from preview.plausible import known_outputs


@pytest.mark.parametrize(
    "tokens",
    [HOLDING_DATA, ARNS, IDENTIFIERS, sorted(IDENTIFIED_BY_ARN), ONE_FOR_EACH],
    ids=["holding data", "ARNs", "identifiers", "identified by ARN", "one for each"],
)
def test_every_type_exists(tokens: list[str]) -> None:
    assert [sdk_types.class_of(token)[1] for token in tokens]


def test_what_is_identified_by_its_arn_has_no_other_identifier() -> None:
    assert not IDENTIFIED_BY_ARN & IDENTIFIERS.keys()


def test_every_template_can_be_filled() -> None:
    """A word that no template has would end the evaluation of a program that declares the type."""
    for token in sorted({*ARNS, *IDENTIFIERS}):
        it = Resource(urn="urn:it", type=token, name="it", parent="", custom=True, inputs={})
        identifier, outputs = known_outputs(it, {})
        assert "{" not in identifier + str(outputs.get("arn", ""))
    assert all(ending for ending, _ in FORMS)


def test_what_comes_and_goes_with_no_loss_holds_no_data() -> None:
    assert holds_data("aws:rds/instance:Instance")
    assert not holds_data("aws:sns/topic:Topic")


def test_regions_are_in_order_and_each_stands_once() -> None:
    assert list(REGIONS) == sorted(set(REGIONS))
