"""Where on this machine the stack's servers are, and how what the program wired leads there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from components import ports
from local.processes import LOCALHOST

DATABASE: Final = "database.invalid"
PROXY: Final = "proxy.invalid"
CACHE: Final = "cache.invalid"
"""What the program is told that the servers are called. Nothing of that ending is ever found
(https://www.rfc-editor.org/rfc/rfc6761#section-6.4), so that what is not led here leads nowhere."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Addresses:
    """Ports of 127.0.0.1."""

    database: int
    """PostgreSQL, with and without TLS."""
    proxy: int
    """The double of the RDS Proxy."""
    cache: int
    """The cache with TLS."""
    plain_cache: int
    page: int
    """The application's stand-in."""

    def environment(self, wired: Mapping[str, str]) -> dict[str, str]:
        """A job's or function's variables, such that they lead here.

        Args:
            wired: as the program gives them.
        """
        led = {name: self._pairs().get(value, value) for name, value in wired.items()}
        if led.get("PGHOST") == DATABASE:
            # The programs that are installed here know no TLS.
            led |= {"PGHOST": LOCALHOST, "PGPORT": str(self.database), "PGSSLMODE": "disable"}
        return led

    def output(self, value: str) -> str:
        """A stack output, such that it leads here."""
        hosts = {DATABASE: self.database, PROXY: self.proxy, CACHE: self.plain_cache}
        return f"{LOCALHOST}:{hosts[value]}" if value in hosts else value

    @property
    def url(self) -> str:
        """The application's."""
        return f"http://{LOCALHOST}:{self.page}"

    def _pairs(self) -> dict[str, str]:
        return {
            f"{DATABASE}:{ports.POSTGRESQL}": f"{LOCALHOST}:{self.database}",
            f"{PROXY}:{ports.POSTGRESQL}": f"{LOCALHOST}:{self.proxy}",
            f"{CACHE}:{ports.CACHE}": f"{LOCALHOST}:{self.cache}",
        }
