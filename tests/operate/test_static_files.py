"""What of a release goes to the edge: its static files, each once, and never much of them in memory."""

import gzip
import hashlib
import io
import tarfile
import tracemalloc
from collections.abc import Mapping
from typing import Any

import pytest

from operate import artifact, static_files
from operate.errors import OperationError
from operate.stack import Stack
from tests.operate.double import Aws, Parameters, Time
from tests.operate.healthy import OUTPUTS
from tests.operate.moto_stack import moto_stack
from tests.operate.releasing import STATIC, World, archive

_MIB = 1024 * 1024
PROGRAMS = {"bin/start": b"#!", "bin/migrate": b"#!"}


def _packed(files: Mapping[str, bytes | str], mode: int = 0o755) -> io.BytesIO:
    """An archive; a text is where a link leads."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.mode = mode
            if isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content
                tar.addfile(entry)
            else:
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    packed.seek(0)
    return packed


def _quietly(_: str) -> None:
    pass


def _copied(stack: Stack, packed: io.BytesIO) -> static_files.Copied:
    return static_files.copy(stack, packed, "2026.11.4", _quietly)


def test_only_what_is_new_is_copied(stack: Stack, world: World) -> None:
    world.static["static/app.0123.js"] = {}
    said: list[str] = []
    done = static_files.copy(stack, io.BytesIO(archive()), "2026.11.4", said.append)
    assert (done.new, done.all) == (2, 3)
    assert said == ["2 of 3 static files are new"]
    assert world.static.keys() == STATIC.keys()


def test_a_release_without_static_files_is_fine(stack: Stack, world: World) -> None:
    assert _copied(stack, _packed(PROGRAMS)).all == 0
    assert world.static == {}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("static/a.js", "text/javascript"),
        ("static/a.mjs", "text/javascript"),
        ("static/a.css", "text/css"),
        ("static/a.js.map", "application/json"),
        ("static/a.svg", "image/svg+xml"),
        ("static/a.woff2", "font/woff2"),
        ("static/a.webp", "image/webp"),
        ("static/a.wasm", "application/wasm"),
        ("static/a.js.gz", "application/octet-stream"),
        ("static/a.moon", "application/octet-stream"),
        ("static/a", "application/octet-stream"),
    ],
)
def test_a_browser_is_told_what_a_file_is(stack: Stack, world: World, name: str, kind: str) -> None:
    _copied(stack, _packed({**PROGRAMS, name: b"x"}))
    assert world.static[name]["ContentType"] == kind


def test_what_lies_elsewhere_stays_away(stack: Stack, world: World) -> None:
    outside = {
        "static.js": b"x",
        "/static/a": b"x",
        "../static/b": b"x",
        "static/../server.js": b"x",
        "a/static/c": b"x",
    }
    _copied(stack, _packed({**PROGRAMS, **outside}))
    assert world.static == {}


def test_a_link_among_the_static_files_is_refused(stack: Stack, world: World) -> None:
    with pytest.raises(OperationError, match=r"static/a\.js is no plain file"):
        _copied(stack, _packed({**PROGRAMS, "static/a.js": "../../../etc/passwd"}))
    assert world.static == {}


@pytest.mark.usefixtures("world")
def test_a_program_may_be_a_link_but_has_to_run(stack: Stack) -> None:
    _copied(stack, _packed({**PROGRAMS, "bin/start": "../server.js"}))
    with pytest.raises(OperationError, match="it has no program bin/migrate and bin/start"):
        _copied(stack, _packed(PROGRAMS, mode=0o644))


@pytest.mark.usefixtures("world")
def test_an_archive_in_several_compressed_parts_is_read_to_its_end(stack: Stack) -> None:
    plain = gzip.decompress(_packed({**PROGRAMS, "static/a.js": b"x"}).getvalue())
    parts = b"".join(gzip.compress(plain[start : start + 700]) for start in range(0, len(plain), 700))
    assert _copied(stack, io.BytesIO(parts)).all == 1


def test_s3_takes_them_as_they_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through botocore as it is, which adds lengths and checksums of its own."""
    with moto_stack(monkeypatch, Time()) as stack:
        s3, edge = stack.client("s3"), OUTPUTS["static-bucket"]
        for bucket in (edge, OUTPUTS["release-bucket"]):
            s3.create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": OUTPUTS["region"]}
            )
        digest = f"{hashlib.sha256(archive()).hexdigest()}  app.tar.gz\n"
        for key, body in (("app.tar.gz", archive()), ("app.tar.gz.sha256", digest.encode())):
            s3.put_object(Bucket=OUTPUTS["release-bucket"], Key=f"releases/2026.11.4/{key}", Body=body)
        assert artifact.newest(stack) == "2026.11.4"
        for new in (3, 0):
            with artifact.fetched(stack, artifact.find(stack, "2026.11.4")) as file:
                assert static_files.copy(stack, file, "2026.11.4", _quietly).new == new
        kept = s3.get_object(Bucket=edge, Key="static/app.0123.js")
        assert kept["Body"].read() == STATIC["static/app.0123.js"]
        assert kept["CacheControl"] == "public, max-age=31536000, immutable"


def test_large_files_are_never_in_memory(stack: Stack, world: World, aws: Aws) -> None:
    packed = _packed({**PROGRAMS, "static/film.mp4": bytes(48 * _MIB)})
    sizes: list[int] = []

    def put(asked: Parameters) -> Any:
        body: Any = asked["Body"]
        sizes.append(sum(len(chunk) for chunk in iter(lambda: body.read(_MIB), b"")))
        return {}

    aws.answers["s3.PutObject"] = put
    tracemalloc.start()
    try:
        _copied(stack, packed)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sizes == [48 * _MIB]
    assert most < 24 * _MIB
    assert world.static == {}
