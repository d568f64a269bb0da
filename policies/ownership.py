"""Which AWS account resources are in, which a policy has to know before it calls another one a stranger."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final, cast

from policies.view import Resource

_ARN: Final = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12}):")
_REGIONAL: Final = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]+:([0-9]{12}):")
"""An ARN that names a region as well. IAM's name none: they are what policies name of other accounts."""


def account_of(resources: Iterable[Resource]) -> str:
    """The account that resources are in: what most of their own ARNs say, or else most that they name.

    Empty where none says anything.
    """
    every = list(resources)
    for found in (Counter(_own(every)), Counter(account for r in every for account in _named(r))):
        if found:
            return found.most_common(1)[0][0]
    return ""


def in_one_account(resources: Iterable[Resource]) -> list[Resource]:
    """The resources of one stack, each knowing its account."""
    every = list(resources)
    account = account_of(every)
    for resource in every:
        resource.account = resource.account or account
    return every


def own_account(resource: Resource) -> str:
    """The account that a resource is in; where nobody said, what the ARNs that it names say."""
    return resource.account or account_of([resource])


def is_strange(account: str, resource: Resource, trusted: Collection[str]) -> bool:
    """Whether an account is neither a resource's own nor one that is trusted.

    Where nothing says which account is its own, only the trusted ones can tell.

    Args:
        account: the account's number, empty for none.
        resource: what names it.
        trusted: the accounts of the pack's parameter.
    """
    if not account or account in trusted:
        return False
    own = own_account(resource)
    return account != own if own else bool(trusted)


def _own(resources: Iterable[Resource]) -> Iterator[str]:
    for resource in resources:
        arn = resource.outputs.raw("arn")
        match = _ARN.match(arn) if isinstance(arn, str) else None
        if match:
            yield match[1]


def _named(resource: Resource) -> Iterator[str]:
    for text in _texts(resource.raw(())):
        yield from _REGIONAL.findall(text)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in cast("dict[str, Any]", value).values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _texts(item)
