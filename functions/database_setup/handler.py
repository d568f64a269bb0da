"""Makes the roles, extensions and the heartbeat of a new or restored database.

Every run leaves the same state, whatever was there before: one transaction does everything or nothing.
"""

import logging
import os
from collections.abc import Mapping
from typing import Any

import boto3
from plan import CHECKS, EXTENSIONS, Facts, check_grants, extensions, statements
from postgresql import LOCK, USERS, Connection, connect_master, verifier
from stored import read, required
from tls import endpoint

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)

_SECRETS = {"app_a": "database-app-a", "app_b": "database-app-b"}
"""By user, the secret with its password."""


def handler(_event: Mapping[str, Any], _context: object) -> dict[str, list[str]]:
    """Brings the database into the desired state and returns which extensions it has and lacks.

    The environment says where it is: `DATABASE_ENDPOINT`, `DATABASE_NAME`, `SECRETS_PREFIX`.

    Raises:
        postgresql.DatabaseError: the database refused; nothing has changed.
        stored.SecretError: the master user's secret has no value yet.
    """
    session: Any = boto3.Session()
    secrets, prefix = session.client("secretsmanager"), os.environ["SECRETS_PREFIX"]
    where = endpoint(os.environ["DATABASE_ENDPOINT"])
    with connect_master(
        secrets, f"{prefix}/database-master", where, os.environ["DATABASE_NAME"]
    ) as connection:
        result = set_up(connection, secrets, prefix)
    _log.info("the database is set up: %s", result)
    return result


def set_up(connection: Connection, secrets: Any, prefix: str) -> dict[str, list[str]]:
    """Does it in one transaction.

    Args:
        connection: the master user's.
        secrets: boto3's Secrets Manager.
        prefix: of the secrets' names.
    """
    connection.run("BEGIN")
    # No other set-up and no rotation meanwhile: passwords that are read now are those that are set.
    connection.run(f"SELECT pg_advisory_xact_lock({LOCK})")
    facts = _facts(connection)
    for statement in statements(facts, _verifiers(secrets, prefix)):
        connection.run(statement)
    signatures = [str(row[0]) for row in connection.run(CHECKS)]
    for statement in check_grants(signatures):
        connection.run(statement)
    connection.run("COMMIT")
    present = extensions(facts)
    return {"extensions": present, "unavailable": [each for each in EXTENSIONS if each not in present]}


def _verifiers(secrets: Any, prefix: str) -> dict[str, str]:
    """Of the users whose secret has a value: after a restore the database knows older passwords."""
    kept: dict[str, str] = {}
    for user in USERS:
        secret = f"{prefix}/{_SECRETS[user]}"
        value = read(secrets, secret)
        if value is not None:
            (password,) = required(value, secret, "password")
            kept[user] = verifier(password)
    return kept


def _facts(connection: Connection) -> Facts:
    ((version, database, master, preloaded),) = connection.run(
        "SELECT current_setting('server_version_num')::int, current_database(), current_user::text,"
        " current_setting('shared_preload_libraries')"
    )
    roles = {str(row[0]) for row in connection.run("SELECT rolname FROM pg_roles")}
    unread: list[int] = []
    if "dump" in roles:
        query = "SELECT oid::bigint FROM pg_largeobject_metadata WHERE lomacl IS NULL OR NOT EXISTS"
        grants = "(SELECT FROM aclexplode(lomacl) WHERE grantee = 'dump'::regrole)"
        unread = [int(row[0]) for row in connection.run(f"{query} {grants} ORDER BY oid")]
    return Facts(
        version=version,
        database=database,
        master=master,
        roles=roles,
        available={str(row[0]) for row in connection.run("SELECT name FROM pg_available_extensions")},
        preloaded={library.strip() for library in str(preloaded).split(",")},
        unread_large_objects=unread,
    )
