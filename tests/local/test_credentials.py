"""What runs on this machine has nobody's credentials and leads nowhere else."""

from pathlib import Path

import pytest

from local.addresses import CACHE, DATABASE, PROXY, Addresses
from local.cache_server import CacheServer
from local.here import Here
from local.postgres import Postgres

ADDRESSES = Addresses(database=1, proxy=2, cache=3, plain_cache=4, page=5)


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(
        account="111122223333",
        region="us-west-2",
        endpoint="http://127.0.0.1:9",
        folder=tmp_path,
        authority=tmp_path / "ca.pem",
        addresses=ADDRESSES,
        database=Postgres(1, tmp_path, tmp_path, "none"),
        cache=CacheServer(4),
    )


@pytest.mark.parametrize(
    "variable",
    ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ENDPOINT_URL_S3", "DD_API_KEY"],
)
def test_a_job_sees_nothing_of_whoever_started_it(
    here: Here, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "of-somebody")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    found = here.environment({})
    assert variable not in found
    assert found["AWS_ACCESS_KEY_ID"] == "local"
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"
    assert found["HOME"] == str(here.folder)


def test_what_the_program_wired_leads_here() -> None:
    wired = {
        "DATABASE_ENDPOINT": f"{DATABASE}:5432",
        "PROXY_ENDPOINT": f"{PROXY}:5432",
        "CACHE_ENDPOINT": f"{CACHE}:6379",
        "DATABASE_NAME": "syncup",
    }
    assert ADDRESSES.environment(wired) == {
        "DATABASE_ENDPOINT": "127.0.0.1:1",
        "PROXY_ENDPOINT": "127.0.0.1:2",
        "CACHE_ENDPOINT": "127.0.0.1:3",
        "DATABASE_NAME": "syncup",
    }


def test_a_jobs_programs_find_the_database() -> None:
    led = ADDRESSES.environment({"PGHOST": DATABASE, "PGPORT": "5432", "PGSSLMODE": "verify-full"})
    assert led == {"PGHOST": "127.0.0.1", "PGPORT": "1", "PGSSLMODE": "disable"}
