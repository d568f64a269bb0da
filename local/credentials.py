"""The credentials of this machine's AWS, which are nobody's, and an environment without anybody's.

Imports nothing that costs time.
"""

import os
from typing import Final

NAME: Final = "local"
"""The stack's name, and both halves of the credentials."""
_KEPT: Final = ("LANG", "LC_ALL", "SYNCUP_LOCAL", "TMPDIR", "TZ")


def clean() -> dict[str, str]:
    """An environment in which there is nothing of anybody's AWS: no credentials, no profile, no metadata."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {
        **kept,
        "PATH": os.environ.get("PATH", os.defpath),
        "AWS_ACCESS_KEY_ID": NAME,
        "AWS_SECRET_ACCESS_KEY": NAME,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
