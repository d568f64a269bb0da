"""One deployed stack, as a procedure is handed it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from operate import outputs
from operate.aws import Clients
from operate.clock import Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """Its name, its outputs, its clients, and the time."""

    name: str
    outputs: outputs.Outputs
    clients: Clients
    clock: Clock

    def client(self, service: str, region: str | None = None) -> Any:
        """A client of a service, in the stack's region or another one."""
        return self.clients.client(service, region)

    def parameter(self, part: str) -> str:
        """The name of one of the stack's parameters."""
        return f"/{outputs.PROJECT}/{self.name}/{part}"


def connect(name: str, region: str, clock: Clock, environ: Mapping[str, str] = os.environ) -> Stack:
    """Reads the stack's outputs with the credentials that the environment has.

    Args:
        name: the stack's name.
        region: where it lives.
        clock: the time.
        environ: where `local` reads its address.

    Raises:
        OperationError: in one line, why there is no such stack here.
    """
    clients = Clients(name, region, environ)
    found = outputs.read(clients.client("ssm"), name, region)
    return Stack(name=name, outputs=found, clients=clients, clock=clock)
