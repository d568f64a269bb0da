"""The environment as its own parts see it."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from local.addresses import Addresses
from local.cache_server import CacheServer
from local.credentials import NAME, clean
from local.postgres import Postgres

_boto3: Any = boto3


@dataclass(frozen=True, kw_only=True, slots=True)
class Here:
    """Where everything is, and how a part of it calls AWS."""

    account: str
    region: str
    endpoint: str
    """AWS' address."""
    folder: Path
    """Of the environment, for what its jobs write."""
    authority: Path
    """The certificate authority that all servers here are trusted by."""
    addresses: Addresses
    database: Postgres
    cache: CacheServer
    _made: dict[tuple[str, str], Any] = field(default_factory=dict[tuple[str, str], Any])

    def client(self, service: str, region: str | None = None) -> Any:
        """A client of a service, in the stack's region or another one."""
        key = service, region or self.region
        if key not in self._made:
            self._made[key] = client(self.endpoint, *key)
        return self._made[key]

    def environment(self, wired: Mapping[str, str]) -> dict[str, str]:
        """The whole environment of a job or a function: it leads here and nowhere else.

        Args:
            wired: the variables that the program gives it.
        """
        found = clean()
        programs = (str(self.database.programs), str(Path(sys.executable).parent), found["PATH"])
        return {
            **found,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": self.region,
            "PATH": os.pathsep.join(programs),
            "HOME": str(self.folder),
            "DATABASE_CA": str(self.authority),
            "PUBLIC_CA": str(self.authority),
            **self.addresses.environment(wired),
        }


def client(endpoint: str, service: str, region: str) -> Any:
    """A client of a service of this machine."""
    return _boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=NAME,
        aws_secret_access_key=NAME,
    )
