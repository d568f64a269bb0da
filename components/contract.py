"""What the environment and the application agree on, in figures: docs/application-contract.md in words.

No Pulumi here.
"""

import re
from typing import Final

HEALTH_PATH: Final = "/api/health"
"""Answers 200 when the instance can serve; asked without credentials."""
DRAIN_SECONDS: Final = 120
"""How long a request may still take on an instance that gets no new ones. A streamed answer of the chat
is the longest."""
STOP_SECONDS: Final = 30
"""How long the process may take to end after SIGTERM, when its requests are done."""
START_SECONDS: Final = 300
"""How long after its start the application may take to be healthy."""
READ_SECONDS: Final = 60
"""How long the application may be silent on a request before the edge gives up on it."""
STATIC_PREFIX: Final = "static"
"""The folder of a release whose files the edge serves from S3, and the path that leads to them."""
START: Final = "bin/start"
MIGRATE: Final = "bin/migrate"
"""The programs of a release."""
RUN_MIGRATIONS: Final = "/usr/local/lib/syncup/migrate"
"""The program on every instance that runs the migrations of the release whose version it is given."""

RELEASES: Final = "releases/"
"""What the key of every release begins with, in the release bucket."""
RELEASE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,63}")


def release(version: str) -> str:
    """Checks a release's version, such as `2026.11.3`. It ends up in a root shell and in an S3 key.

    Raises:
        ValueError: the version has another form.
    """
    if RELEASE.fullmatch(version) is None:
        raise ValueError(f"release {version!r}: letters, digits, dots and hyphens only, such as 2026.11.3")
    return version


def artifact_key(version: str) -> str:
    """Where a release lies in the release bucket."""
    return f"{RELEASES}{version}/app.tar.gz"


def digest_key(version: str) -> str:
    """Where the digest of a release lies."""
    return f"{artifact_key(version)}.sha256"
