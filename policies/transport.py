"""Whether a resource's policy turns plain HTTP away, by a denial that only TLS escapes.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-securetransport
"""

from collections.abc import Iterable

from policies.iam import Statement
from policies.view import any_holds


def denies_plain_http(statements: Iterable[Statement], *actions: str) -> bool:
    """Whether one statement denies the actions to everyone who comes without TLS.

    Raises:
        UndecidedError: none certainly does, and one may.
    """
    return any_holds(
        lambda statement: (
            statement.denies
            and statement.is_for_everyone
            and all(statement.covers_action(action) for action in actions)
            and _is_about_plain_http(statement)
        ),
        statements,
    )


def _is_about_plain_http(statement: Statement) -> bool:
    """Whether it holds for plain HTTP, and no other condition narrows it."""
    conditions = statement.conditions
    return bool(conditions) and all(
        condition.operator == "bool"
        and condition.key == "aws:securetransport"
        and [value.lower() for value in condition.values] == ["false"]
        for condition in conditions
    )
