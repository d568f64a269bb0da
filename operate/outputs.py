"""What the program has written for the command: the stack's outputs, one parameter each.

They are the only source of what a command has to know (`infra/layers/outputs.py` writes them).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from operate.errors import OperationError

PROJECT: Final = "syncup"


class Outputs(Mapping[str, str]):
    """The outputs by name: `outputs["url"]`."""

    def __init__(self, stack: str, values: Mapping[str, str]) -> None:
        self._stack = stack
        self._values = dict(values)

    def __getitem__(self, name: str) -> str:
        """The value.

        Raises:
            OperationError: the stack has no such output.
        """
        if name not in self._values:
            raise OperationError(
                f"{self._stack} has no output {name!r}: this program's `pulumi up` of {self._stack} writes it"
            )
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def path(stack: str) -> str:
    """Where a stack's outputs are in Parameter Store."""
    return f"/{PROJECT}/{stack}/outputs"


def read(ssm: Any, stack: str, region: str) -> Outputs:
    """Reads all outputs of a stack.

    Args:
        ssm: a client of Systems Manager.
        stack: the stack's name.
        region: the client's, for the message.

    Raises:
        OperationError: there are none, so that these credentials are of another account, or nothing
            has been deployed.
    """
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=path(stack))
    values = {
        parameter["Name"].rpartition("/")[2]: parameter["Value"]
        for page in pages
        for parameter in page["Parameters"]
    }
    if not values:
        raise OperationError(
            f"there is no {stack} here: no parameter below {path(stack)} in {region} of the account "
            "that the credentials are of"
        )
    return Outputs(stack, values)
