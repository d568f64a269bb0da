"""The last revision that an update has proved: applied, checked and watched.

It is kept in a parameter that the program does not declare (`infra/ownership.py`), so that going back needs
neither the state nor the machine that has made it.
"""

from typing import Final

from botocore.exceptions import ClientError

from operate.aws import is_missing
from operate.stack import Stack

_PART: Final = "operations/good-revision"


def read(stack: Stack) -> str | None:
    """The commit, or None where no update has been proved yet."""
    try:
        return stack.client("ssm").get_parameter(Name=stack.parameter(_PART))["Parameter"]["Value"]
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def write(stack: Stack, commit: str) -> None:
    """Keeps a commit as the last good one."""
    stack.client("ssm").put_parameter(
        Name=stack.parameter(_PART), Value=commit, Type="String", Overwrite=True
    )
