"""The set-up of a database: the same state after every run, and nothing is owned by the wrong role."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws
from pg8000 import native

from local import front
from local.certificates import Certificates
from tests.functions import aws, postgres
from tests.functions.aws import Fuse, Fused, Killed
from tests.functions.folder import modules
from tests.functions.postgres import DATABASE, MASTER, PASSWORD, Postgres

_native: Any = native
STATE = {
    "roles": "SELECT rolname, rolcanlogin, rolsuper, rolinherit, rolcreatedb, rolcreaterole, rolconfig"
    " FROM pg_roles WHERE rolname !~ '^(pg_|rds)' ORDER BY 1",
    "members": "SELECT roleid::regrole::text, member::regrole::text, bool_or(inherit_option),"
    " bool_or(set_option), bool_or(admin_option)"
    " FROM pg_auth_members WHERE member::regrole::text !~ '^(pg_|rds)' GROUP BY 1, 2 ORDER BY 1, 2",
    "defaults": "SELECT defaclrole::regrole::text, defaclobjtype, defaclacl::text FROM pg_default_acl"
    " ORDER BY 1, 2",
    "database": "SELECT datdba::regrole::text, datacl::text FROM pg_database"
    " WHERE datname = current_database()",
    "beats": "SELECT count(*) FROM operations.heartbeat",
    "extensions": "SELECT extname FROM pg_extension ORDER BY 1",
}
NAMES = {
    "roles": "SELECT rolname FROM pg_roles ORDER BY 1",
    "schemas": "SELECT nspname FROM pg_namespace ORDER BY 1",
    "owner": "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()",
}
"""What there is, whether it was set up or not."""


STEP = 41
"""Every moment would be as many runs."""


class Shared:
    """Stands for boto3: sessions whose clients are the tests' own."""

    class Session:
        """One of them."""

        def client(self, service: str) -> Any:
            return aws.client(service)


class Setup:
    """The function with its surroundings."""

    def __init__(self, handler: ModuleType, rds: Postgres, secrets: Any) -> None:
        self.handler: Any = handler
        self.rds = rds
        self.secrets = secrets

    def run(self, event: Mapping[str, Any] | None = None, seconds: float = 60) -> dict[str, list[str]]:
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: 1000 * seconds)
        return self.handler.handler(event or {}, context)

    def run_until(self, fuse: Fuse) -> None:
        """In a session that is cut off where the fuse blows."""
        with closing(self.rds.connect(MASTER, database=DATABASE)) as session:
            connection = self.handler.Connection(Fused(session, fuse), "test")
            self.handler.set_up(connection, Fused(self.secrets, fuse), aws.PREFIX)

    def state(self, queries: Mapping[str, str] = STATE) -> dict[str, Any]:
        return {what: self.rds.run(query, database=DATABASE) for what, query in queries.items()}


@pytest.fixture(name="extended", scope="module")
def _extended() -> Iterator[Postgres]:
    """A server that has extensions and has loaded one at its start."""
    with postgres.serving("17", shared_preload_libraries="pg_stat_statements") as server:
        yield server


@pytest.fixture(name="setup")
def _setup(rds: Postgres, tls: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Setup]:
    with (
        mock_aws(),
        front.postgresql(rds.port, tls.server) as port,
        modules("database_setup", "handler") as (handler,),
    ):
        for name, value in {
            "AWS_DEFAULT_REGION": "us-west-2",
            "SECRETS_PREFIX": aws.PREFIX,
            "DATABASE_NAME": DATABASE,
            "DATABASE_INSTANCE": "syncup-test-g1",
            "DATABASE_ENDPOINT": f"127.0.0.1:{port}",
            "DATABASE_CA": str(tls.authority),
        }.items():
            monkeypatch.setenv(name, value)
        # The function makes a session at each call, which costs more than all the rest here.
        monkeypatch.setattr(handler, "boto3", Shared)
        client = aws.client("secretsmanager")
        aws.put(client, "database-master", {"username": MASTER, "password": PASSWORD})
        aws.put(client, "database-app-a", {"username": "app_a", "password": "secret-of-a"})
        aws.put(client, "database-app-b", None)
        yield Setup(handler, rds, client)


def _run(setup: Setup, user: str, password: str, *statements: str) -> Any:
    rows: Any = None
    with closing(setup.rds.connect(user, password, DATABASE)) as connection:
        for statement in statements:
            rows = connection.run(statement)
    return rows


def test_a_second_run_changes_nothing(setup: Setup) -> None:
    assert setup.run() == {
        "extensions": [],
        "unavailable": ["pg_stat_statements", "amcheck", "pg_cron"],
    }
    once = setup.state()
    setup.run()
    assert setup.state() == once
    assert once["database"][0][0] == "app_owner"


def test_both_users_work_as_the_owner_and_use_what_the_other_made(setup: Setup) -> None:
    setup.secrets.put_secret_value(
        SecretId=f"{aws.PREFIX}/database-app-b", SecretString='{"username": "app_b", "password": "b"}'
    )
    setup.run()
    for user, password in (("app_a", "secret-of-a"), ("app_b", "b")):
        table = f"made_by_{user}"
        _run(
            setup, user, password, f"CREATE TABLE {table} (id serial)", f"INSERT INTO {table} DEFAULT VALUES"
        )
    assert _run(setup, "app_b", "b", "SELECT count(*) FROM made_by_app_a") == [[1]]
    _run(
        setup,
        "app_a",
        "secret-of-a",
        "ALTER TABLE made_by_app_b ADD COLUMN text text",
        "DROP TABLE made_by_app_b",
    )
    owners = setup.rds.run(
        "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'", database=DATABASE
    )
    assert owners == [["app_owner"]]


def test_what_a_user_makes_as_itself_is_usable_at_once_and_the_owners_after_the_next_run(
    setup: Setup,
) -> None:
    setup.run()
    _run(setup, "app_a", "secret-of-a", "SET ROLE app_a", "CREATE TABLE astray (id int)")
    _run(setup, "app_a", "secret-of-a", "INSERT INTO astray VALUES (1)")
    setup.run()
    assert setup.rds.run(
        "SELECT tableowner FROM pg_tables WHERE tablename = 'astray'", database=DATABASE
    ) == [["app_owner"]]


def test_what_the_master_makes_later_the_application_may_use(setup: Setup) -> None:
    setup.run()
    setup.rds.run(
        "CREATE SCHEMA late", "CREATE TABLE late.things (id serial)", user=MASTER, database=DATABASE
    )
    _run(setup, "app_a", "secret-of-a", "INSERT INTO late.things DEFAULT VALUES")


def test_readers_see_everything_and_write_nothing_by_themselves(setup: Setup) -> None:
    setup.run()
    _run(setup, "app_a", "secret-of-a", "CREATE TABLE things (id int)", "INSERT INTO things VALUES (1)")
    for reader in ("dump", "engineer", "validator"):
        _only_reads(setup, reader)


def _only_reads(setup: Setup, reader: str) -> None:
    setup.rds.run(f"ALTER ROLE {reader} PASSWORD '{PASSWORD}'")
    assert _run(setup, reader, PASSWORD, "SELECT count(*) FROM things") == [[1]]
    with pytest.raises(_native.DatabaseError, match="read-only transaction"):
        _run(setup, reader, PASSWORD, "INSERT INTO things VALUES (2)")
    with pytest.raises(_native.DatabaseError, match="permission denied"):
        _run(
            setup,
            reader,
            PASSWORD,
            "SET default_transaction_read_only = off",
            "INSERT INTO things VALUES (2)",
        )


def test_an_engineer_writes_by_saying_so_first(setup: Setup) -> None:
    setup.run()
    setup.rds.run(f"ALTER ROLE engineer PASSWORD '{PASSWORD}'")
    _run(
        setup,
        "engineer",
        PASSWORD,
        "SET default_transaction_read_only = off",
        "SET ROLE app_owner",
        "CREATE TABLE mended (id int)",
    )
    assert setup.rds.run(
        "SELECT tableowner FROM pg_tables WHERE tablename = 'mended'", database=DATABASE
    ) == [["app_owner"]]


def test_people_and_machines_log_in_by_iam_and_the_application_by_password(setup: Setup) -> None:
    setup.run()
    members = {
        str(row[0])
        for row in setup.rds.run(
            "SELECT member::regrole::text FROM pg_auth_members WHERE roleid = 'rds_iam'::regrole"
        )
    }
    assert members == {"dump", "validator", "engineer", "maintenance", "monitoring", "rds_superuser"}


def test_a_dump_reads_the_large_objects_that_were_there_before(setup: Setup) -> None:
    setup.run()
    ((oid,),) = _run(setup, "app_a", "secret-of-a", "SELECT lo_from_bytea(0, 'abc')")
    setup.run()
    setup.rds.run(f"ALTER ROLE dump PASSWORD '{PASSWORD}'")
    assert _run(setup, "dump", PASSWORD, f"SELECT convert_from(lo_get({oid}), 'UTF8')") == [["abc"]]


def test_after_a_restore_the_passwords_are_those_of_the_secrets(setup: Setup) -> None:
    setup.run()
    setup.rds.run("ALTER ROLE app_a PASSWORD 'from-an-old-backup'")
    setup.run()
    assert _run(setup, "app_a", "secret-of-a", "SELECT 1") == [[1]]


def test_a_user_without_a_secret_yet_logs_in_by_nothing(setup: Setup) -> None:
    setup.run()
    with pytest.raises(_native.DatabaseError, match="password authentication failed"):
        _run(setup, "app_b", "", "SELECT 1")


def test_killed_at_any_moment_it_has_done_all_or_nothing(setup: Setup) -> None:
    before, seen = setup.state(NAMES), list[dict[str, Any]]()
    for moment in count(0, step=STEP):
        try:
            setup.run_until(Fuse(moment))
        except Killed:
            seen.append(setup.state(NAMES))
        else:
            break
    after, once = setup.state(NAMES), setup.state()
    assert len(seen) > 100 // STEP
    assert all(state in (before, after) for state in seen)
    setup.run()
    assert setup.state() == once


def test_several_at_once_all_end_well(setup: Setup) -> None:
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(setup.run) for _ in range(3)]
    assert [run.exception() for run in runs] == [None] * 3


class Rds:
    """An instance that was restored, as RDS describes and changes it."""

    def __init__(self, server: Postgres, endpoint: str) -> None:
        self._server = server
        host, _, port = endpoint.partition(":")
        self.found: dict[str, Any] = {
            "DBInstanceStatus": "available",
            "Endpoint": {"Address": host, "Port": int(port)},
        }
        self.changed: list[str] = []

    def describe_db_instances(self, **request: Any) -> Any:
        assert request == {"DBInstanceIdentifier": "syncup-test-g2"}
        return {"DBInstances": [self.found]}

    def modify_db_instance(self, **request: Any) -> None:
        assert request["ApplyImmediately"] is True
        self.changed.append(request["DBInstanceIdentifier"])
        self._server.run(f"ALTER ROLE {MASTER} PASSWORD '{request['MasterUserPassword']}'")


@pytest.fixture(name="restored")
def _restored(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> Rds:
    """Another generation. What is active cannot be reached."""
    found = Rds(setup.rds, os.environ["DATABASE_ENDPOINT"])
    monkeypatch.setenv("DATABASE_ENDPOINT", "127.0.0.1:1")

    def client(service: str) -> Any:
        return found if service == "rds" else aws.client(service)

    monkeypatch.setattr(
        setup.handler, "boto3", SimpleNamespace(Session=lambda: SimpleNamespace(client=client))
    )
    return found


def test_another_generation_is_set_up_before_it_is_active(setup: Setup, restored: Rds) -> None:
    setup.run({"instance": "syncup-test-g2"})
    assert _run(setup, "app_a", "secret-of-a", "SELECT 1") == [[1]]
    assert restored.changed == []


def test_a_restored_master_password_of_its_day_becomes_that_of_today(setup: Setup, restored: Rds) -> None:
    setup.rds.run(f"ALTER ROLE {MASTER} PASSWORD 'of-another-day'")
    setup.run({"instance": "syncup-test-g2"})
    assert restored.changed == ["syncup-test-g2"]
    assert _run(setup, MASTER, PASSWORD, "SELECT 1") == [[1]]


def test_a_password_that_rds_does_not_set_in_time_is_a_failure(setup: Setup, restored: Rds) -> None:
    setup.rds.run(f"ALTER ROLE {MASTER} PASSWORD 'of-another-day'")
    restored.modify_db_instance = lambda **_: None
    with pytest.raises(setup.handler.DatabaseError, match="password authentication failed"):
        setup.run({"instance": "syncup-test-g2"}, seconds=1)
    setup.rds.run(f"ALTER ROLE {MASTER} PASSWORD '{PASSWORD}'")


@pytest.mark.parametrize(
    "instance", ["syncup-production-g1", "syncup-test-g2-replica", "syncup-test-cache", "evil", ""]
)
def test_what_is_no_generation_of_this_database_never_sees_the_password(
    setup: Setup, restored: Rds, instance: str
) -> None:
    with pytest.raises(setup.handler.SetupError, match="is no generation of syncup-test"):
        setup.run({"instance": instance})
    assert restored.changed == []


def test_an_instance_that_is_not_there_yet_says_so(setup: Setup, restored: Rds) -> None:
    del restored.found["Endpoint"]
    restored.found["DBInstanceStatus"] = "creating"
    with pytest.raises(setup.handler.SetupError, match="is creating: it cannot be reached yet"):
        setup.run({"instance": "syncup-test-g2"})


def test_the_heart_beats_in_the_applications_database_by_a_scheduler_outside_of_it(setup: Setup) -> None:
    """A double of the scheduler, which the server does not have: its table, and its way to fill it."""
    setup.rds.run(
        "CREATE SCHEMA cron",
        "CREATE TABLE cron.job (jobname text PRIMARY KEY, schedule text, command text,"
        " database text DEFAULT 'postgres')",
        "CREATE FUNCTION cron.schedule(text, text, text) RETURNS void LANGUAGE sql AS $$"
        " INSERT INTO cron.job VALUES ($1, $2, $3) ON CONFLICT (jobname) DO UPDATE SET command = $3 $$",
    )
    try:
        create, *jobs = setup.handler.scheduling(DATABASE)
        assert create == "CREATE EXTENSION IF NOT EXISTS pg_cron"
        for _ in range(2):
            setup.rds.run(*jobs)
        where = dict(setup.rds.run("SELECT jobname, database FROM cron.job"))
        assert where == {"heartbeat": DATABASE, "heartbeat-history": "postgres"}
    finally:
        setup.rds.run("DROP SCHEMA cron CASCADE")


def test_no_password_reaches_the_servers_log(setup: Setup) -> None:
    setup.run()
    assert "secret-of-a" not in setup.rds.log.read_text(errors="replace")


def test_with_its_extensions_the_validator_may_check_and_monitoring_may_look(
    setup: Setup, extended: Postgres
) -> None:
    with postgres.instance(extended), closing(extended.connect(MASTER, database=DATABASE)) as session:
        # RDS lets the master user create these, and pass on what they do; PostgreSQL itself does not.
        grant = f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {MASTER} WITH GRANT OPTION"
        created = ("CREATE EXTENSION pg_stat_statements", "CREATE EXTENSION amcheck", grant)
        extended.run(*created, database=DATABASE)
        connection = setup.handler.Connection(session, "test")
        result = setup.handler.set_up(connection, setup.secrets, aws.PREFIX)
        again = setup.handler.set_up(connection, setup.secrets, aws.PREFIX)
        assert (
            result
            == again
            == {
                "extensions": ["pg_stat_statements", "amcheck"],
                "unavailable": ["pg_cron"],
            }
        )
        extended.run(*(f"ALTER ROLE {role} PASSWORD '{PASSWORD}'" for role in ("validator", "monitoring")))
        for user, query in (
            ("validator", "SELECT bt_index_check('operations.heartbeat_pkey')"),
            ("monitoring", "SELECT count(*) FROM pg_stat_statements WHERE query <> ''"),
            ("monitoring", "SELECT count(*) FROM operations.heartbeat"),
        ):
            with closing(extended.connect(user, PASSWORD, DATABASE)) as looking:
                assert looking.run(query)
