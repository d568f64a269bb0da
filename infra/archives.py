"""Sees to the archives that AWS runs, before an engine uploads them."""

import os
from typing import Final

import pulumi

from components import archives

_SET_BY_AN_ENGINE: Final = "PULUMI_CONFIG"
"""https://github.com/pulumi/pulumi/blob/master/sdk/python/cmd/pulumi-language-python/main.go"""


def build_missing() -> None:
    """Builds the archives that are missing or stale, where an engine runs the program.

    An engine reads what it uploads even in a preview. The preview without one goes by the archives' names,
    which hold a digest of what goes into them, and needs neither a build nor the network.

    Raises:
        pulumi.RunError: one cannot be built. The language host prints its message without a traceback.
    """
    if _SET_BY_AN_ENGINE not in os.environ:
        return
    # Only an engine pays for it.
    from functions.build import BuildError, build  # noqa: PLC0415

    for source in archives.missing():
        pulumi.log.info(f"functions/{source}: building its archive")
        try:
            build(source, archives.ROOT / archives.archive(source))
        except BuildError as error:
            raise pulumi.RunError(str(error)) from None
