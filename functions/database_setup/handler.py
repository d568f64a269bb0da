"""Makes the roles, extensions and the heartbeat of a new or restored database.

Every run leaves the same state, whatever was there before: one transaction does everything or nothing.
"""

import logging
import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import boto3
from plan import (
    CHECKS,
    EXTENSIONS,
    SCHEDULER,
    SCHEDULER_DATABASE,
    Facts,
    check_grants,
    extensions,
    scheduling,
    statements,
)
from postgresql import LOCK, USERS, Connection, DatabaseError, connect_master, verifier
from rotation import patiently, seconds_left
from stored import read, required
from tls import endpoint

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)

_SECRETS = {"app_a": "database-app-a", "app_b": "database-app-b"}
"""By user, the secret with its password."""
_MASTER: Final = "database-master"
_GENERATION: Final = r"g\d+"
Address = tuple[str, int]


class SetupError(Exception):
    """There is nothing to set up. The message says why."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, list[str]]:
    """Brings the database into the desired state and returns which extensions it has and lacks.

    The environment says where it is: `DATABASE_ENDPOINT`, `DATABASE_NAME`, `SECRETS_PREFIX`. The event may
    name another generation of the same database instead, `{"instance": "syncup-staging-g2"}`, which is not
    active yet; `DATABASE_INSTANCE` says what the active one is called.

    Raises:
        SetupError: that is no generation of this database, or it is not ready.
        postgresql.DatabaseError: the database refused; nothing has changed.
        stored.SecretError: the master user's secret has no value yet.
    """
    session: Any = boto3.Session()
    secrets, prefix = session.client("secretsmanager"), os.environ["SECRETS_PREFIX"]
    database, where = os.environ["DATABASE_NAME"], endpoint(os.environ["DATABASE_ENDPOINT"])
    if "instance" in event:
        where = _generation(session.client("rds"), secrets, event["instance"], seconds_left(context))
    with connect_master(secrets, f"{prefix}/{_MASTER}", where, database) as connection:
        result = set_up(connection, secrets, prefix)
    if SCHEDULER in result["extensions"]:
        with connect_master(secrets, f"{prefix}/{_MASTER}", where, SCHEDULER_DATABASE) as connection:
            schedule(connection, database)
    _log.info("the database is set up: %s", result)
    return result


def _generation(rds: Any, secrets: Any, instance: str, left: Callable[[], float]) -> Address:
    """Where a restored instance is, whose master user knows the password of today when this returns.

    A restore brings back the password of its day, which a rotation may have replaced since.

    Args:
        rds: boto3's.
        secrets: boto3's Secrets Manager.
        instance: its identifier.
        left: seconds until the function would be stopped.
    """
    stem = os.environ["DATABASE_INSTANCE"].rpartition("-")[0]
    if not re.fullmatch(f"{re.escape(stem)}-{_GENERATION}", instance):
        raise SetupError(f"{instance} is no generation of {stem}")
    (found,) = rds.describe_db_instances(DBInstanceIdentifier=instance)["DBInstances"]
    if "Endpoint" not in found:
        raise SetupError(f"{instance} is {found['DBInstanceStatus']}: it cannot be reached yet")
    where = (found["Endpoint"]["Address"], found["Endpoint"]["Port"])
    secret, database = f"{os.environ['SECRETS_PREFIX']}/{_MASTER}", os.environ["DATABASE_NAME"]

    def attempt() -> None:
        with connect_master(secrets, secret, where, database):
            pass

    try:
        attempt()
    except DatabaseError as error:
        if not error.refuses_login:
            raise
        (password,) = required(read(secrets, secret), secret, "password")
        rds.modify_db_instance(
            DBInstanceIdentifier=instance, MasterUserPassword=password, ApplyImmediately=True
        )
        # RDS sets it within a minute.
        patiently(attempt, DatabaseError, left)
    return where


def schedule(connection: Connection, database: str) -> None:
    """Makes the heart beat.

    Args:
        connection: the master user's, to the scheduler's own database.
        database: in which it beats.
    """
    connection.run("BEGIN")
    for statement in scheduling(database):
        connection.run(statement)
    connection.run("COMMIT")


def set_up(connection: Connection, secrets: Any, prefix: str) -> dict[str, list[str]]:
    """Makes roles, extensions and the heartbeat's table in one transaction.

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
