"""Who calls."""

from operate.stack import Stack


def name(stack: Stack) -> str:
    """The end of the caller's ARN: a user, or a role's session."""
    arn: str = stack.client("sts").get_caller_identity()["Arn"]
    return arn.rpartition("/")[2]
