"""A real Redis for tests."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from local import cache_server, processes
from local.cache_server import CacheServer

__all__ = ["CacheServer", "serving"]


@contextmanager
def serving() -> Generator[CacheServer]:
    """A server until the block ends."""
    if cache_server.find() is None:
        pytest.skip(f"no package of Redis for {sys.platform} and this Python, and no redis-server on PATH")
    with processes.folder("syncup-test-") as folder, cache_server.serving(folder) as server:
        yield server
