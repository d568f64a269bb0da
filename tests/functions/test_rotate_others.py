"""The rotation of the master user and of the cache user, on real servers behind doubles of AWS' APIs."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from moto import mock_aws

from local import front
from local.cache_server import CacheServer
from local.certificates import Certificates
from tests.functions import aws
from tests.functions.aws import GROUP, PREFIX, STEPS, Fuse, Fused, Group, Killed, Secrets, refusal
from tests.functions.folder import modules
from tests.functions.postgres import DATABASE, MASTER, PASSWORD, Postgres

MASTER_SECRET = f"{PREFIX}/database-master"
CACHE_SECRET = f"{PREFIX}/cache"
MOMENTS = 24
"""More than any step has."""


class Rds:
    """As much of RDS' API as sets a master password, which takes effect a few looks later."""

    def __init__(self, server: Postgres) -> None:
        self.server = server

    def describe_db_instances(self, **request: Any) -> Any:
        assert request == {"DBInstanceIdentifier": "syncup-test-g1"}
        return {"DBInstances": [{"MasterUsername": MASTER, "DBInstanceStatus": "available"}]}

    def modify_db_instance(self, **request: Any) -> None:
        assert request["DBInstanceIdentifier"] == "syncup-test-g1"
        assert request["ApplyImmediately"]
        self.server.run(f"ALTER ROLE {MASTER} PASSWORD '{request['MasterUserPassword']}'")


class ElastiCache:
    """As much of ElastiCache's API as modifies a user, who is busy with that for a while."""

    def __init__(self, server: CacheServer) -> None:
        self.server = server
        self.busy = 0
        self.passwords: list[str] = []

    def describe_users(self, **request: Any) -> Any:
        assert request == {"UserId": "syncup-test-cache-application"}
        return {"Users": [{"UserName": "application", "Status": "active"}]}

    def modify_user(self, **request: Any) -> None:
        if self.busy:
            self.busy -= 1
            raise refusal("InvalidUserState", "ModifyUser")
        mode = request["AuthenticationMode"]
        assert (request["UserId"], mode["Type"]) == ("syncup-test-cache-application", "password")
        assert 1 <= len(mode["Passwords"]) <= 2
        self.busy = 1
        self.passwords = mode["Passwords"]
        self.server.set_user("application", self.passwords)


class Rotating:
    """A function with its surroundings."""

    def __init__(self, module: Any, secrets: Secrets, target: Any, name: str, port: int) -> None:
        self.module, self.secrets, self.target, self.name, self.port = module, secrets, target, name, port
        self.group = Group()
        self.left = 30.0

    def step(self, step: str, event: Mapping[str, str], fuse: Fuse | None = None) -> None:
        secrets, target = (Fused(part, fuse or Fuse()) for part in (self.secrets, self.target))
        settings = self.module.Settings.from_environment(
            {
                "SECRETS_PREFIX": PREFIX,
                "DATABASE_INSTANCE": "syncup-test-g1",
                "DATABASE_NAME": DATABASE,
                "DATABASE_ENDPOINT": f"127.0.0.1:{self.port}",
                "CACHE_USER": "syncup-test-cache-application",
                "CACHE_ENDPOINT": f"127.0.0.1:{self.port}",
            }
        )
        if isinstance(self.target, Rds):
            rotator = self.module.Master(settings, secrets, target, lambda: self.left)
        else:
            instances = self.module.Instances(self.group, self.group, GROUP)
            rotator = self.module.CacheUser(settings, secrets, target, instances, lambda: self.left)
        self.module.rotate({**event, "Step": step}, secrets, rotator)

    def rotate(self) -> None:
        event = self.secrets.begin(self.name)
        for step in STEPS:
            self.step(step, event)

    def value(self, label: str = "AWSCURRENT") -> dict[str, str]:
        return aws.value(self.secrets, self.name.rpartition("/")[2], label)


@pytest.fixture(name="secrets")
def _secrets(tls: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Secrets]:
    monkeypatch.setenv("DATABASE_CA", str(tls.authority))
    monkeypatch.setenv("PUBLIC_CA", str(tls.authority))
    with mock_aws():
        yield Secrets()


@pytest.fixture(name="master")
def _master(
    rds: Postgres, tls: Certificates, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Rotating]:
    aws.put(secrets, "database-master", None)
    with (
        front.postgresql(rds.port, tls.server) as port,
        modules("rotate_database_master", "handler", "rotation") as (module, rotation),
    ):
        monkeypatch.setattr(rotation, "_PAUSE_SECONDS", 0.02)
        yield Rotating(module, secrets, Rds(rds), MASTER_SECRET, port)


@pytest.fixture(name="cache_user")
def _cache_user(
    cache: CacheServer, tls: Certificates, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Rotating]:
    cache.set_user("application", ["from the program"])
    aws.put(secrets, "cache", None)
    with (
        front.plain(cache.port, tls.server) as port,
        modules("rotate_cache_user", "handler", "rotation") as (module, rotation),
    ):
        monkeypatch.setattr(rotation, "_PAUSE_SECONDS", 0.02)
        yield Rotating(module, secrets, ElastiCache(cache), CACHE_SECRET, port)


def _accepted(cache: CacheServer, password: str) -> bool:
    try:
        return cache.command("AUTH", "application", password) == "+OK"
    except RuntimeError:
        return False


def test_the_masters_password_needs_no_earlier_one(master: Rotating, rds: Postgres) -> None:
    master.rotate()
    value = master.value()
    assert value["username"] == MASTER
    rds.connect(MASTER, value["password"], DATABASE).close()
    with pytest.raises(Exception, match="password authentication failed"):
        rds.connect(MASTER, PASSWORD, DATABASE)


def test_a_master_password_that_does_not_work_is_not_made_current(master: Rotating, rds: Postgres) -> None:
    master.rotate()
    once, event = master.value(), master.secrets.begin(MASTER_SECRET)
    master.left = 1
    for step in STEPS[:2]:
        master.step(step, event)
    rds.run(f"ALTER ROLE {MASTER} PASSWORD 'somebody else'")
    with pytest.raises(Exception, match="password authentication failed"):
        master.step("testSecret", event)
    assert master.value() == once


def test_the_cache_user_keeps_the_password_in_use_and_loses_the_one_before(
    cache_user: Rotating, cache: CacheServer
) -> None:
    passwords: list[str] = []
    for _ in range(3):
        cache_user.rotate()
        assert cache_user.value()["username"] == "application"
        passwords.append(cache_user.value()["password"])
    assert [_accepted(cache, password) for password in passwords] == [False, True, True]
    assert not _accepted(cache, "from the program")
    assert cache_user.group.rolls == 3


def test_a_late_repetition_takes_no_password_from_who_has_not_read_the_new_one(
    cache_user: Rotating, cache: CacheServer
) -> None:
    cache_user.rotate()
    before, event = cache_user.value()["password"], cache_user.secrets.begin(CACHE_SECRET)
    for step in (*STEPS, *STEPS):
        cache_user.step(step, event)
    assert _accepted(cache, before)
    assert _accepted(cache, cache_user.value()["password"])


def test_a_cache_that_another_authority_vouches_for_gets_no_password(
    cache_user: Rotating, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = cache_user.secrets.begin(CACHE_SECRET)
    cache_user.left = 1
    for step in STEPS[:2]:
        cache_user.step(step, event)
    monkeypatch.delenv("PUBLIC_CA")
    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        cache_user.step("testSecret", event)


def test_a_cache_user_that_stays_busy_is_given_up_on(cache_user: Rotating) -> None:
    event = cache_user.secrets.begin(CACHE_SECRET)
    cache_user.step("createSecret", event)
    cache_user.left, cache_user.target.busy = 1, 5
    with pytest.raises(Exception, match="syncup-test-cache-application is being modified"):
        cache_user.step("setSecret", event)


@pytest.mark.parametrize("stride", [11, pytest.param(1, marks=pytest.mark.full)])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("what", ["master", "cache_user"])
def test_killed_at_any_moment_a_step_is_completed_by_its_repetition(
    what: str, step: str, stride: int, request: pytest.FixtureRequest
) -> None:
    rotating: Rotating = request.getfixturevalue(what)
    rotating.rotate()
    killed = [_killed(rotating, step, moment) for moment in range(0, MOMENTS, stride)]
    assert killed[0]
    assert not killed[-1]


def _killed(rotating: Rotating, step: str, moment: int) -> bool:
    """A rotation that is killed once. Whether there was so late a moment."""
    event, before, killed = rotating.secrets.begin(rotating.name), rotating.value(), False
    for each in STEPS:
        if each == step:
            try:
                rotating.step(each, event, Fuse(moment))
            except Killed:
                killed = True
        rotating.step(each, event)
    assert rotating.value() != before
    assert rotating.value("AWSPREVIOUS") == before
    return killed
