"""The rotation of the application's database users: no login fails, and nothing changes its owner."""

import logging
import random
import ssl
import sys
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from moto import mock_aws

from local import front
from local.certificates import Certificates
from tests.functions import aws
from tests.functions.application import Application, Instance
from tests.functions.aws import GROUP, PREFIX, STEPS, Fuse, Fused, Group, Killed, Secrets
from tests.functions.folder import modules
from tests.functions.postgres import DATABASE, MASTER, PASSWORD, Postgres

NAME = f"{PREFIX}/database"
MOMENTS = 30
"""More than any step has."""
LAG_SECONDS = 0.3
"""How long the double of the proxy does not see a new version."""


class Users:
    """The function with its surroundings: the database, the proxy, the secrets and a group of instances."""

    def __init__(
        self, module: Any, secrets: Secrets, group: Group, instance_port: int, proxy_port: int
    ) -> None:
        self.module, self.secrets, self.group = module, secrets, group
        self.instance_port, self.proxy_port = instance_port, proxy_port

    def step(self, step: str, event: Mapping[str, str], fuse: Fuse | None = None) -> None:
        """One step; with a fuse every call of the function's goes through it."""
        secrets: Any = Fused(self.secrets, fuse) if fuse else self.secrets
        group: Any = Fused(self.group, fuse) if fuse else self.group
        rotator = self.module.Users(
            self.module.Settings.from_environment(self.environment()),
            secrets,
            self.module.Instances(group, group, GROUP),
            lambda: 30,
            event["ClientRequestToken"],
        )
        with self._statements_through(fuse):
            self.module.rotate({**event, "Step": step}, secrets, rotator)

    def rotate(self) -> dict[str, str]:
        event = self.secrets.begin(NAME)
        for step in STEPS:
            self.step(step, event)
        self.secrets.rotated(NAME, aws.now())
        return event

    def environment(self) -> dict[str, str]:
        return {
            "SECRETS_PREFIX": PREFIX,
            "DATABASE_NAME": DATABASE,
            "DATABASE_ENDPOINT": f"127.0.0.1:{self.instance_port}",
            "PROXY_ENDPOINT": f"127.0.0.1:{self.proxy_port}",
        }

    @contextmanager
    def _statements_through(self, fuse: Fuse | None) -> Generator[None]:
        if fuse is None:
            yield
            return
        postgresql = self.module.connect.__wrapped__.__globals__
        plain = postgresql["Connection"]

        def fused(session: Any, where: str) -> Any:
            return Fused(plain(session, where), fuse)

        postgresql["Connection"] = fused
        try:
            yield
        finally:
            postgresql["Connection"] = plain

    def user(self) -> str:
        """The one in use."""
        return str(urlsplit(aws.value(self.secrets, "database")["DATABASE_URL"]).username)


@pytest.fixture(name="users")
def _users(rds: Postgres, tls: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Users]:
    monkeypatch.setenv("DATABASE_CA", str(tls.authority))
    monkeypatch.setenv("PUBLIC_CA", str(tls.authority))
    with mock_aws():
        secrets = Secrets()

        def known() -> dict[str, str]:
            found: dict[str, str] = {}
            for group in ("database-app-a", "database-app-b"):
                if "AWSCURRENT" in str(secrets.describe_secret(SecretId=f"{PREFIX}/{group}")):
                    kept = aws.value(secrets, group)
                    found[kept["username"]] = kept["password"]
            return found

        aws.put(secrets, "database-master", {"username": MASTER, "password": PASSWORD})
        for group in ("database-app-a", "database-app-b", "database"):
            aws.put(secrets, group, None)
        with (
            front.postgresql(rds.port, tls.server) as instance,
            front.proxy(rds.port, tls.server, known, LAG_SECONDS) as (proxy, _),
        ):
            _set_up(rds, secrets)
            with modules("rotate_database_users", "handler") as (module,):
                monkeypatch.setattr(sys.modules["rotation"], "_PAUSE_SECONDS", 0.05)
                yield Users(module, secrets, Group(0), instance, proxy)


def _set_up(rds: Postgres, secrets: Secrets) -> None:
    with modules("database_setup", "handler") as (setup,):
        module: Any = setup
        session = rds.connect(MASTER, database=DATABASE)
        module.set_up(module.Connection(session, "test"), secrets, PREFIX)
        session.run("SET ROLE app_owner")
        session.run("CREATE TABLE writes (id bigserial PRIMARY KEY, by text DEFAULT session_user)")
        session.close()


def test_the_first_rotation_makes_the_address_that_the_application_reads(users: Users) -> None:
    users.rotate()
    url = urlsplit(aws.value(users.secrets, "database")["DATABASE_URL"])
    assert (url.scheme, url.username, url.hostname, url.path) == (
        "postgresql",
        "app_a",
        "127.0.0.1",
        "/syncup",
    )
    assert url.port == users.proxy_port
    assert aws.value(users.secrets, "database-app-a") == {"username": "app_a", "password": url.password}


def test_users_take_turns_and_the_one_before_stays_valid(users: Users, tls: Certificates) -> None:
    users.rotate()
    application = Application(users.secrets, ssl.create_default_context(cafile=str(tls.authority)))
    before = application.launch()
    users.rotate()
    assert users.user() == "app_b"
    logins = next(application.logins)
    while next(application.logins) < logins + 5 and not application.failures:
        pass
    before.end()
    assert application.failures == []


def test_other_parts_of_the_address_and_other_keys_stay(users: Users) -> None:
    users.secrets.client.put_secret_value(
        SecretId=NAME, SecretString='{"DATABASE_URL": "postgresql://app_a:x@old/syncup?pool=5", "OTHER": "1"}'
    )
    users.rotate()
    value = aws.value(users.secrets, "database")
    assert value["OTHER"] == "1"
    assert value["DATABASE_URL"].startswith("postgresql://app_b:")
    assert value["DATABASE_URL"].endswith(f"@127.0.0.1:{users.proxy_port}/syncup?pool=5")


def test_while_the_masters_password_rotates_the_pending_one_is_tried_too(users: Users, rds: Postgres) -> None:
    master = f"{PREFIX}/database-master"
    event = users.secrets.begin(master)
    users.secrets.put_secret_value(
        SecretId=master,
        ClientRequestToken=event["ClientRequestToken"],
        SecretString='{"username": "syncup_admin", "password": "next"}',
        VersionStages=["AWSPENDING"],
    )
    rds.run(f"ALTER ROLE {MASTER} PASSWORD 'next'")
    users.rotate()
    assert users.user() == "app_a"


def test_a_database_that_is_not_set_up_is_refused(users: Users, rds: Postgres) -> None:
    rds.run("DROP OWNED BY app_a CASCADE", "DROP ROLE app_a", database=DATABASE)
    with pytest.raises(Exception, match="the database has no user app_a: set it up first"):
        users.rotate()


def test_a_user_that_does_not_work_as_the_owner_is_not_made_current(users: Users, rds: Postgres) -> None:
    rds.run("ALTER ROLE app_a RESET role")
    with pytest.raises(Exception, match="app_a works as app_a, not as app_owner"):
        users.rotate()
    assert "AWSCURRENT" not in str(users.secrets.describe_secret(SecretId=NAME))


def test_a_server_that_another_authority_vouches_for_gets_no_password(
    users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = users.secrets.begin(NAME)
    users.step("createSecret", event)
    monkeypatch.delenv("DATABASE_CA")
    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        users.step("setSecret", event)


def test_no_value_reaches_a_log_or_the_server(
    users: Users, rds: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="instances"):
        users.rotate()
    password = aws.value(users.secrets, "database-app-a")["password"]
    assert password not in caplog.text
    assert password not in rds.log.read_text(errors="replace")


@pytest.mark.parametrize("stride", [13, pytest.param(1, marks=pytest.mark.full)])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_moment_a_step_is_completed_by_its_repetition(
    users: Users, step: str, stride: int
) -> None:
    users.rotate()
    killed = [_killed(users, step, moment) for moment in range(0, MOMENTS, stride)]
    # The last ones come after the step's last call.
    assert killed[0]
    assert not killed[-1]


def _killed(users: Users, step: str, moment: int) -> bool:
    """A rotation that is killed once. Whether there was so late a moment."""
    event, before, killed = users.secrets.begin(NAME), users.user(), False
    for each in STEPS:
        if each == step:
            try:
                users.step(each, event, Fuse(moment))
            except Killed:
                killed = True
        users.step(each, event)
    assert users.user() != before
    return killed


def _turn_the_wheel(users: Users, rounds: int, seed: int) -> None:
    """So many rotations, with deaths, repetitions and doubles in all of them."""
    chance = random.Random(seed)  # noqa: S311 (no cryptography)
    with ThreadPoolExecutor(2) as pool:
        for _ in range(rounds):
            event = users.secrets.begin(NAME)
            for step in STEPS:
                with suppress(Killed):
                    users.step(step, event, Fuse(chance.randrange(MOMENTS)))
                both = [pool.submit(users.step, step, event) for _ in range(2)]
                assert [done.exception() for done in both] == [None, None]


def _under_load(users: Users, rds: Postgres, tls: Certificates, rounds: int) -> None:
    users.rotate()
    application = Application(users.secrets, ssl.create_default_context(cafile=str(tls.authority)))
    users.group = Group(3, application.launch, Instance.end)
    # From here on whoever is launched reads the new address, and whoever was launched before has the old.
    users.group.before_roll = lambda: users.secrets.rotated(NAME, aws.now())
    try:
        _turn_the_wheel(users, rounds, seed=rounds)
    finally:
        for _, instance in users.group.members.values():
            instance.end()
    assert application.failures == []
    logins = next(application.logins)
    assert logins > rounds
    assert rds.run("SELECT count(*) FROM writes", database=DATABASE) == [[logins]]
    foreign = rds.run(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relowner <> 'app_owner'::regrole",
        database=DATABASE,
    )
    assert foreign == []
    by = {row[0] for row in rds.run("SELECT DISTINCT by FROM writes", database=DATABASE)}
    assert by == {"app_a", "app_b"}


def test_under_load_no_login_fails_whatever_happens_to_the_function(
    users: Users, rds: Postgres, tls: Certificates
) -> None:
    _under_load(users, rds, tls, rounds=4)


@pytest.mark.full
def test_under_load_no_login_fails_in_two_hundred_rotations(
    users: Users, rds: Postgres, tls: Certificates
) -> None:
    _under_load(users, rds, tls, rounds=200)
