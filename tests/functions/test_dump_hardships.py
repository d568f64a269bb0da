"""The dump under the worst: killed at any moment, refused in the middle, beside another one."""

import hashlib
import json
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from operate import backups
from tests.functions import postgres
from tests.functions.aws import Dead, Fused, Killed, refusal
from tests.functions.postgres import DATABASE, MASTER
from tests.functions.test_dump import BUCKET, NOW, Dumping, make_dumping

__all__ = ["make_dumping"]

MOMENTS = 20
"""As many as one dump has: two a call, to PostgreSQL and to S3."""


def _listed(dumping: Dumping) -> list[backups.Backup]:
    """The dumps as `syncup backup list` shows them."""
    stack: Any = SimpleNamespace(client=dumping.client, outputs={"dump-bucket": BUCKET})
    return backups.dumps(stack)


def _whole(dumping: Dumping, name: str) -> bool:
    """Whether a dump is what its manifest says, down to its last byte."""
    try:
        manifest = dumping.s3.get_object(Bucket=BUCKET, Key=backups.manifest_key(name))["Body"].read()
    except dumping.s3.exceptions.NoSuchKey:
        return False
    body = dumping.s3.get_object(Bucket=BUCKET, Key=name)["Body"].read()
    return json.loads(manifest)["sha256"] == hashlib.sha256(body).hexdigest()


def _killed(dumping: Dumping, monkeypatch: pytest.MonkeyPatch, moment: int | None) -> Dead:
    """Runs a dump of its own name that is killed at a moment."""
    fuse = Dead(moment)
    plain: Callable[..., Any] = dumping.module.connect

    @contextmanager
    def connect(*args: Any, **kwargs: Any) -> Generator[Any]:
        with plain(*args, **kwargs) as connection:
            yield Fused(connection, fuse)

    with monkeypatch.context() as patch:
        patch.setattr(dumping.module, "connect", connect)
        now = NOW + timedelta(seconds=-1 if moment is None else moment)
        settings, s3 = dumping.settings, Fused(dumping.s3, fuse)
        dumping.module.dump(settings, s3, postgres.PASSWORD, dumping.trust, now)
    return fuse


def test_killed_at_any_moment_it_leaves_nothing_that_counts_as_good(
    dumping: Dumping, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _killed(dumping, monkeypatch, None).moments == MOMENTS
    for moment in range(MOMENTS):
        with pytest.raises(Killed):
            _killed(dumping, monkeypatch, moment)
        for one in _listed(dumping):
            assert one.good == _whole(dumping, one.name)
    # At the very last moment all was done already.
    assert sum(one.good for one in _listed(dumping)) == 2
    assert any(not one.good for one in _listed(dumping))


class Late:
    """S3 that refuses an operation from its nth time on."""

    def __init__(self, s3: Any, operation: str, code: str, after: int) -> None:
        self._s3, self._operation, self._code, self._left = s3, operation, code, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._s3, name)

        def asked(**request: Any) -> Any:
            if name == self._operation:
                self._left -= 1
                if self._left < 0:
                    raise refusal(self._code, name)
            return found(**request)

        return asked


def test_where_s3_fails_in_the_middle_no_part_stays(
    dumping: Dumping, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload: Any = dumping.module.Upload
    rows = "SELECT md5(n::text) FROM generate_series(1, 2000) n"
    dumping.server.run(f"CREATE TABLE noise AS {rows}", user=MASTER, database=DATABASE)

    def small(s3: Any, bucket: str, key: str) -> Any:
        return upload(s3, bucket, key, 8192)

    monkeypatch.setattr(dumping.module, "Upload", small)
    for code in ("SlowDown", "ExpiredToken"):
        for after in range(3):
            with pytest.raises(ClientError, match=code):
                dumping.run(s3=Late(dumping.s3, "upload_part", code, after))
            assert dumping.kept() == []


def test_two_at_once_are_two_whole_dumps(dumping: Dumping) -> None:
    def made(second: int) -> Any:
        now = NOW + timedelta(seconds=second)
        return dumping.module.dump(dumping.settings, dumping.s3, postgres.PASSWORD, dumping.trust, now)

    with ThreadPoolExecutor(2) as pool:
        names = [manifest["name"] for manifest in pool.map(made, range(2))]
    assert len(set(names)) == 2
    assert all(_whole(dumping, name) for name in names)
