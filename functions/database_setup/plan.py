"""What makes a database ready, as statements. No connection here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from postgresql import USERS, literal, name

from operate.session import OWNER

OLDEST_VERSION: Final = 160000
"""Since 16 a grant of a role says what comes with it, without which ownership cannot be kept."""
READERS: Final = ("dump", "validator", "engineer")
"""Log in by IAM and read everything."""
WRITERS: Final = ("engineer", "maintenance")
"""Log in by IAM, and work as the owner where they say so: `SET ROLE app_owner`."""
BY_IAM: Final = (*READERS, "monitoring", "maintenance")
ROLES: Final = (OWNER, *USERS, *BY_IAM)
SCHEDULER: Final = "pg_cron"
EXTENSIONS: Final = ("pg_stat_statements", "amcheck", SCHEDULER)
SCHEDULER_DATABASE: Final = "postgres"
"""Where the scheduler is: its session would keep the application's database from being renamed."""
_PRELOADED: Final = ("pg_stat_statements", SCHEDULER)
_SINCE_LARGE_OBJECT_DEFAULTS: Final = 180000
_IAM: Final = "rds_iam"
_CHECKS: Final = ("bt_index_check", "verify_heapam")

_BEAT: Final = "single boolean PRIMARY KEY DEFAULT true CHECK (single), at timestamptz NOT NULL"


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the database is like before."""

    version: int
    """As `server_version_num` has it: 170004."""
    database: str
    master: str
    """Who is logged in."""
    roles: Collection[str]
    available: Collection[str]
    """Extensions that the server could create."""
    preloaded: Collection[str]
    """Libraries that the server has loaded at its start."""
    unread_large_objects: Sequence[int] = ()
    """Those that the dump's user may not read yet."""


def statements(facts: Facts, verifiers: Mapping[str, str]) -> list[str]:
    """Everything that has to hold, in an order in which each statement has what it needs.

    Each may be repeated: it changes only what is not so yet.

    Args:
        facts: of the database.
        verifiers: by user of the application, what PostgreSQL keeps of its password; a user that is not
            among them keeps the password it has, and a new one has none.

    Raises:
        ValueError: the server is older than 16.
    """
    if facts.version < OLDEST_VERSION:
        raise ValueError(f"PostgreSQL {facts.version // 10000}: 16 or newer is needed")
    return [
        *_roles(facts, verifiers),
        *_memberships(facts),
        *_ownership(facts),
        *_later_objects(facts),
        *_large_objects(facts),
        *(
            f"CREATE EXTENSION IF NOT EXISTS {name(extension)}"
            for extension in extensions(facts)
            if extension != SCHEDULER
        ),
        *_heartbeat(),
    ]


def extensions(facts: Facts) -> list[str]:
    """Those of the wanted extensions that this server can have."""
    return [
        extension
        for extension in EXTENSIONS
        if extension in facts.available and (extension not in _PRELOADED or extension in facts.preloaded)
    ]


def check_grants(signatures: Sequence[str]) -> list[str]:
    """Lets the validator and people run the checks of `amcheck`, by the functions' signatures."""
    return [f"GRANT EXECUTE ON FUNCTION {signature} TO validator, engineer" for signature in signatures]


CHECKS: Final = (
    "SELECT oid::regprocedure::text FROM pg_proc WHERE proname IN "  # noqa: S608 (constants)
    f"({', '.join(literal(check) for check in _CHECKS)})"
    " AND has_function_privilege(oid, 'EXECUTE WITH GRANT OPTION')"
)
"""Finds these signatures once the extension is there, where the master user may hand the right on."""


def _roles(facts: Facts, verifiers: Mapping[str, str]) -> list[str]:
    made = [f"CREATE ROLE {name(role)}" for role in ROLES if role not in facts.roles]
    login = [
        f"ALTER ROLE {name(role)} {'NOLOGIN' if role == OWNER else 'LOGIN'} INHERIT NOCREATEROLE NOCREATEDB"
        for role in ROLES
    ]
    passwords = [f"ALTER ROLE {name(user)} PASSWORD {literal(kept)}" for user, kept in verifiers.items()]
    # From its login on a user of the application is the owner: what it makes belongs to both.
    own = [f"ALTER ROLE {name(user)} SET role = {literal(OWNER)}" for user in USERS]
    # They read by mistake or by design, but write only where they say so.
    careful = [f"ALTER ROLE {name(role)} SET default_transaction_read_only = on" for role in READERS]
    return [*made, *login, *passwords, *own, *careful]


def _memberships(facts: Facts) -> list[str]:
    master = name(facts.master)
    grants = [
        *(f"GRANT {OWNER} TO {name(user)} WITH INHERIT TRUE, SET TRUE" for user in USERS),
        *(f"GRANT {name(role)} TO {master} WITH INHERIT TRUE, SET TRUE" for role in (OWNER, *USERS)),
        *(f"GRANT pg_read_all_data TO {name(reader)}" for reader in READERS),
        "GRANT pg_monitor TO monitoring, engineer",
        "GRANT pg_signal_backend TO engineer",
        *(f"GRANT {OWNER} TO {name(writer)} WITH INHERIT FALSE, SET TRUE" for writer in WRITERS),
    ]
    if _IAM in facts.roles:
        grants.append(f"GRANT {_IAM} TO {', '.join(BY_IAM)}")
    return grants


def _ownership(facts: Facts) -> list[str]:
    database = name(facts.database)
    return [
        f"ALTER DATABASE {database} OWNER TO {OWNER}",
        f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC",
        # What a user has made after a RESET ROLE.
        f"REASSIGN OWNED BY {', '.join(USERS)} TO {OWNER}",
    ]


def _later_objects(facts: Facts) -> list[str]:
    """What is made by somebody else later, the owner may use as if it were its own."""
    kinds = ("TABLES", "SEQUENCES", "FUNCTIONS", "TYPES", "SCHEMAS")
    return [
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {name(maker)} GRANT ALL ON {kind} TO {OWNER}"
        for maker in (*USERS, facts.master)
        for kind in kinds
    ]


def _large_objects(facts: Facts) -> list[str]:
    """`pg_read_all_data` leaves large objects out, and a dump without them would fail."""
    readers = "dump, validator"
    grants = [f"GRANT SELECT ON LARGE OBJECT {oid} TO {readers}" for oid in facts.unread_large_objects]
    if facts.version >= _SINCE_LARGE_OBJECT_DEFAULTS:
        grants += [
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {name(maker)} GRANT SELECT ON LARGE OBJECTS TO {readers}"
            for maker in (OWNER, *USERS, facts.master)
        ]
    return grants


def _heartbeat() -> list[str]:
    """A row that changes every ten seconds, by whose age a replica's lag is known."""
    return [
        "CREATE SCHEMA IF NOT EXISTS operations",
        f"CREATE TABLE IF NOT EXISTS operations.heartbeat ({_BEAT})",
        "INSERT INTO operations.heartbeat (at) VALUES (now()) ON CONFLICT DO NOTHING",
        f"GRANT USAGE ON SCHEMA operations TO monitoring, {OWNER}",
        f"GRANT SELECT ON operations.heartbeat TO monitoring, {OWNER}",
    ]


def scheduling(database: str) -> list[str]:
    """What makes the heart beat, for the scheduler's own database; each may be repeated.

    A job runs in another database than the scheduler's where its row says so:
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL_pg_cron.otherDB.html

    Args:
        database: in which the heart beats.
    """
    beat = "UPDATE operations.heartbeat SET at = clock_timestamp()"
    tidy = "DELETE FROM cron.job_run_details WHERE end_time < now() - interval '1 day'"
    return [
        f"CREATE EXTENSION IF NOT EXISTS {SCHEDULER}",
        f"SELECT cron.schedule('heartbeat', '10 seconds', {literal(beat)})",
        f"UPDATE cron.job SET database = {literal(database)} WHERE jobname = 'heartbeat'",  # noqa: S608 (quoted)
        f"SELECT cron.schedule('heartbeat-history', '30 4 * * *', {literal(tidy)})",
    ]
