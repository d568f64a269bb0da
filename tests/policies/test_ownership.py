"""Which account resources are in, and which accounts are strange to them."""

from typing import Any

from policies.ownership import account_of, in_one_account, is_strange, own_account
from policies.view import Resource

_OWN = "111122223333"
_STRANGER = "999988887777"


def _resource(*, account: str = "", outputs: Any = None, **inputs: Any) -> Resource:
    return Resource(
        urn="urn:pulumi:test::example::some:kind:Thing::one",
        type_token="some:kind:Thing",  # noqa: S106 (a type)
        inputs=inputs,
        outputs=outputs,
        account=account,
    )


def test_their_own_arns_say_the_account() -> None:
    own = _resource(outputs={"arn": f"arn:aws:iam::{_OWN}:role/own"})
    policy = _resource(policy=f"arn:aws:sns:us-west-2:{_STRANGER}:topic")
    assert account_of([own, policy, policy]) == _OWN


def test_most_of_the_arns_that_they_name_say_it_without_identities() -> None:
    document = f'{{"AWS": "arn:aws:iam::{_STRANGER}:root", "On": "arn:aws:sns:eu-west-1:{_OWN}:a"}}'
    topics = [f"arn:aws:sns:eu-west-1:{_OWN}:b", "arn:aws:sns:eu-west-1:444455556666:c"]
    assert account_of([_resource(policy=document, topics=topics)]) == _OWN


def test_nothing_says_it_where_no_arn_names_a_region_and_an_account() -> None:
    assert account_of([_resource(policy=f"arn:aws:iam::{_STRANGER}:root")]) == ""


def test_all_of_one_stack_are_in_one_account_but_those_that_say_another() -> None:
    named, silent, other = in_one_account(
        [_resource(topic=f"arn:aws:sns:eu-west-1:{_OWN}:a"), _resource(), _resource(account=_STRANGER)]
    )
    assert [own_account(resource) for resource in (named, silent, other)] == [_OWN, _OWN, _STRANGER]


def test_an_account_is_strange_that_is_neither_its_own_nor_trusted() -> None:
    own = _resource(account=_OWN)
    assert is_strange(_STRANGER, own, [])
    assert not is_strange(_OWN, own, [])
    assert not is_strange(_STRANGER, own, [_STRANGER])
    assert not is_strange("", own, [])


def test_where_nothing_says_the_account_the_trusted_ones_tell() -> None:
    assert not is_strange(_STRANGER, _resource(), [])
    assert is_strange(_STRANGER, _resource(), [_OWN])
