"""RDS and ElastiCache: a password that is set there holds in the servers of this machine."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, Final

from moto.elasticache.models import elasticache_backends
from pg8000 import native

from local.endpoint import Answer
from local.here import Here
from local.postgres import MASTER
from local.wire import Call, RefusalError

_native: Any = native
_backends: Any = elasticache_backends
_DEFAULT: Final = "default"
"""ElastiCache's user for whoever names none. The program turns it off; here it is the administrator."""


class Passwords:
    """Sets them."""

    def __init__(self, here: Here) -> None:
        self._here = here

    def answers(self) -> dict[str, Answer]:
        """What is answered here."""
        return {
            "rds.ModifyDBInstance": self._database,
            "elasticache.CreateUser": self._new_cache_user,
            "elasticache.ModifyUser": self._cache_user,
        }

    def _database(self, call: Call) -> None:
        """What else an instance is modified by is moto's."""
        password = call.parameters.get("MasterUserPassword")
        if password:
            with closing(self._here.database.connect()) as connection:
                connection.run(f"ALTER ROLE {MASTER} PASSWORD {_native.literal(password)}")

    def _new_cache_user(self, call: Call) -> None:
        self._allow(call.parameters["UserName"], call.parameters.get("Passwords", ()))

    def _cache_user(self, call: Call) -> Mapping[str, Any]:
        identifier = call.parameters["UserId"]
        user = _backends[self._here.account][call.region].users.get(identifier)
        if user is None:
            raise RefusalError("UserNotFound", f"User {identifier} not found.")
        mode = call.parameters.get("AuthenticationMode", {})
        user.passwords = list(mode.get("Passwords", ()) or call.parameters.get("Passwords", ()))
        self._allow(user.name, user.passwords)
        return {
            "UserId": user.id,
            "UserName": user.name,
            "Status": user.status,
            "Engine": user.engine,
            "AccessString": user.access_string,
            "ARN": user.arn,
            "Authentication": {"Type": "password", "PasswordCount": len(user.passwords)},
        }

    def _allow(self, name: str, passwords: Sequence[str]) -> None:
        if name != _DEFAULT:
            self._here.cache.set_user(name, passwords)
