"""A session with PostgreSQL over its driver: what the command and the functions that AWS runs have alike."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import pg8000.native

from operate.errors import OperationError, RemoteError

_native: Any = pg8000.native
OWNER: Final = "app_owner"
"""Owns everything of the application, and logs in nowhere."""
NOTICE_GONE: Final[Mapping[str, str]] = {"client_connection_check_interval": "1s"}
"""For the login: how soon the server stops a statement whose session is gone, so that an interrupt leaves
nothing running."""
_CANCELLED: Final = "57014"
_NO_LOCK: Final = "55P03"
_WRONG_PASSWORD: Final = ("28P01", "28000")


class DatabaseError(OperationError):
    """PostgreSQL refused a statement. The message has its words and no values."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code

    @property
    def refuses_login(self) -> bool:
        """Whether user and password were not accepted."""
        return self.code in _WRONG_PASSWORD

    @property
    def timed_out(self) -> bool:
        """Whether a limit of time ended the statement: its own, or that for waiting for a lock."""
        return self.code in (_CANCELLED, _NO_LOCK)


class Session:
    """One session."""

    def __init__(self, connection: Any, where: str) -> None:
        self._connection = connection
        self.where = where

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """Runs one statement and returns its rows, each by its columns' names.

        Raises:
            DatabaseError: PostgreSQL refused it.
            RemoteError: the session is gone.
        """
        found: Sequence[Sequence[Any]] = self._ask(statement, **values)
        names = [column["name"] for column in self._connection.columns or ()]
        return [dict(zip(names, row, strict=True)) for row in found]

    def run(self, statement: str, **values: Any) -> None:
        """Runs one statement that has no rows.

        Raises:
            DatabaseError: PostgreSQL refused it.
            RemoteError: the session is gone.
        """
        self._ask(statement, **values)

    def value(self, statement: str, **values: Any) -> Any:
        """The one value of the one row that a statement returns."""
        ((found,),) = self._ask(statement, **values)
        return found

    def has_extension(self, name: str) -> bool:
        """Whether the database has an extension."""
        return bool(self.value("SELECT count(*) FROM pg_extension WHERE extname = :name", name=name))

    def as_owner(self) -> None:
        """From here on the session may change what the application owns."""
        self.run(f"SET ROLE {OWNER}")
        self.run("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")

    def limit(self, *, statement_ms: int, lock_ms: int) -> None:
        """How long a statement may take from here on, and how long it may wait for a lock."""
        self.run(f"SET statement_timeout = {statement_ms}")
        self.run(f"SET lock_timeout = {lock_ms}")

    def _ask(self, statement: str, **values: Any) -> Any:
        try:
            return self._connection.run(statement, **values) or []
        except _native.DatabaseError as error:
            raise refused(self.where, error) from None
        except (_native.InterfaceError, OSError) as error:
            raise RemoteError(f"{self.where}: the session is gone ({error})") from None


def refused(where: str, error: Exception) -> DatabaseError:
    """Only the message and the code: the other fields may quote values."""
    fields: Any = error.args[0] if error.args else ""
    if not isinstance(fields, dict):
        return DatabaseError(f"{where}: {error}")
    said = cast("Mapping[str, Any]", fields)
    message = " ".join(str(said.get("M", "refused")).split())
    return DatabaseError(f"{where}: {message}", str(said.get("C", "")))


def close(connection: Any) -> None:
    """Ends a session of the driver's."""
    try:
        connection.close()
    except (_native.InterfaceError, OSError):
        # The server has ended it first, which says all there is to say to whoever used it.
        return
