"""Fills a new environment: the program is run against it, then secrets get values and tables rows.

A process of its own: what it loads takes much memory, and nobody needs it afterwards.
"""

import json
import secrets
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pg8000 import native

import infra.program
from infra.fixtures import LOOKUPS
from infra.reading import stack_configuration
from local import releases
from local.addresses import Addresses
from local.cache_server import CacheServer
from local.credentials import NAME
from local.here import client
from local.place import LIKE
from local.postgres import DATABASE, MASTER
from local.processes import LOCALHOST
from local.provider import Provider
from operate.outputs import PROJECT
from preview.evaluate import evaluate

_native: Any = native
_TABLES: Final = Path(__file__).with_name("tables.sql")
_RELEASE: Final = str(LOOKUPS["aws:ssm/getParameter:getParameter"]["value"])
"""The release that a program without a cloud is told of."""
_NEXT: Final = "2026.11.4"
"""One that can be deployed."""
_KEYS: Final = 40
_LINES: Final = (
    ("info", "a meeting was summed up", 200),
    ("info", "signed in", 200),
    ("warn", "OpenAI answers slowly", 200),
    ("error", "the summary of meeting 4711 could not be written: timeout after 30 s", 504),
    ("error", "the summary of meeting 4712 could not be written: timeout after 30 s", 504),
    ("info", "too many requests of 203.0.113.7", 429),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What a seed is told."""

    endpoint: str
    addresses: Mapping[str, int]
    password: str
    """The master user's, at first."""


class Seed:
    """Fills one environment."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._config = stack_configuration(LIKE)
        self._region = self._config["aws:region"]
        self._addresses = Addresses(**order.addresses)
        self._made: dict[tuple[str, str], Any] = {}

    def all(self) -> None:
        """Everything, in an order in which each part has what it needs."""
        self._program()
        self._releases()
        self._secrets()
        self._set_up()
        self._tables()
        self._keys()
        self._logs()

    def _client(self, service: str, region: str | None = None) -> Any:
        key = service, region or self._region
        if key not in self._made:
            self._made[key] = client(self._order.endpoint, *key)
        return self._made[key]

    def _program(self) -> None:
        """Runs the program, whose resources are made as it declares them."""
        evaluate(
            infra.program.main,
            project=PROJECT,
            stack=NAME,
            config=self._config,
            known=True,
            provider=Provider(self._client, self._addresses, self._config),
            invokes=LOOKUPS,
        )

    def _releases(self) -> None:
        """The release that runs, whose parameter `bootstrap` makes, and one that could."""
        self._client("ssm").put_parameter(Name=f"/{PROJECT}/{NAME}/release", Type="String", Value=_RELEASE)
        for version in (_RELEASE, _NEXT):
            releases.upload(self._client("s3"), self._output("release-bucket"), version)

    def _output(self, name: str) -> str:
        found = self._client("ssm").get_parameter(Name=f"/{PROJECT}/{NAME}/outputs/{name}")
        return found["Parameter"]["Value"]

    def _secrets(self) -> None:
        """First values, as the first rotations would give them; what people own stays without one."""
        user, password = "app_a", secrets.token_urlsafe(24)
        address = f"{LOCALHOST}:{self._addresses.proxy}"
        values = {
            "database-master": {"username": MASTER, "password": self._order.password},
            "database-app-a": {"username": user, "password": password},
            "database": {"DATABASE_URL": f"postgresql://{user}:{password}@{address}/{DATABASE}"},
            "authentication": {name: secrets.token_urlsafe(36) for name in ("NEXTAUTH_SECRET", "JWT_SECRET")},
            "cache": self._cache(),
        }
        for group, value in values.items():
            self._client("secretsmanager").put_secret_value(
                SecretId=f"{PROJECT}/{NAME}/{group}", SecretString=json.dumps(value)
            )

    def _cache(self) -> Mapping[str, str]:
        """The cache user's password, which the cache is told."""
        elasticache, password = self._client("elasticache"), secrets.token_urlsafe(24)
        (user,) = (one for one in elasticache.describe_users()["Users"] if one["UserName"] != "default")
        elasticache.modify_user(
            UserId=user["UserId"], AuthenticationMode={"Type": "password", "Passwords": [password]}
        )
        return {"username": user["UserName"], "password": password}

    def _set_up(self) -> None:
        """Roles, extensions and heartbeat of the database, by the program's own function."""
        function = self._output("database-setup")
        answer = self._client("lambda").invoke(FunctionName=function, Payload=b"{}")
        if "FunctionError" in answer:
            raise RuntimeError(f"the database's set-up: {json.load(answer['Payload'])['errorMessage']}")

    def _tables(self) -> None:
        """The application's tables, which its owner has."""
        with closing(
            _native.Connection(
                MASTER,
                host=LOCALHOST,
                port=self._addresses.database,
                database=DATABASE,
                password=self._order.password,
                ssl_context=False,
            )
        ) as connection:
            connection.run("SET ROLE app_owner")
            for statement in _TABLES.read_text(encoding="utf-8").split(";\n"):
                if statement.strip():
                    connection.run(statement)

    def _keys(self) -> None:
        """What is in the cache: sessions, which end, and a few values that stay."""
        cache = CacheServer(self._addresses.plain_cache)
        for number in range(_KEYS):
            ends = ("EX", "3600") if number % 4 else ()
            cache.command("SET", f"session:{number}", "of a user", *ends)

    def _logs(self) -> None:
        """A few lines of the application's."""
        logs, group, stream = self._client("logs"), f"/{PROJECT}/{NAME}/application", "stand-in"
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        now = int(time.time() * 1000)
        events = [
            {
                "timestamp": now - 60_000 * (len(_LINES) - number),
                "message": json.dumps({"level": level, "message": message, "status": status}),
            }
            for number, (level, message, status) in enumerate(_LINES)
        ]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def main() -> None:
    """Waits for its order on standard input, having loaded what takes long."""
    Seed(Order(**json.load(sys.stdin))).all()


if __name__ == "__main__":
    main()
