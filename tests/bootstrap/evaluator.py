"""Whether policies allow a request: as much of IAM's logic as the template uses, and nothing that guesses.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Iterable, Mapping

from policies.iam import Condition, Statement, matches

Request = Mapping[str, str]
"""The request's context: condition keys in lower case and their values."""


def allows(
    statements: Iterable[Statement], action: str, resource: str, request: Request | None = None
) -> bool:
    """Whether an action on a resource is allowed: by some statement, and denied by none."""
    applying = [
        statement
        for statement in statements
        if statement.covers_action(action)
        and statement.covers_resource(resource)
        and all(holds(condition, request or {}) for condition in statement.conditions)
    ]
    return any(one.allows for one in applying) and not any(one.denies for one in applying)


def may_become(trust: Iterable[Statement], provider: str, audience: str, subject: str) -> bool:
    """Whether a role may be assumed with a token of GitHub.

    Args:
        trust: the role's trust policy.
        provider: the ARN of the identity provider that vouches for the token.
        audience: the token's `aud`.
        subject: the token's `sub`.
    """
    issuer = "token.actions.githubusercontent.com"
    request = {f"{issuer}:aud": audience, f"{issuer}:sub": subject}
    return any(
        statement.allows
        and statement.covers_action("sts:AssumeRoleWithWebIdentity")
        and any(one.kind == "federated" and one.value == provider for one in statement.principals)
        and all(holds(condition, request) for condition in statement.conditions)
        for statement in trust
    )


def holds(condition: Condition, request: Request) -> bool:
    """Whether a condition holds. What a request does not have fits only a negation."""
    actual = request.get(condition.key)
    match condition.operator:
        case "stringequals" | "arnequals":
            return actual in condition.values
        case "stringnotequals":
            return actual not in condition.values
        case "stringlike":
            return actual is not None and any(matches(pattern, actual) for pattern in condition.values)
        case other:
            raise AssertionError(f"the template has no {other} yet: say what it means")
