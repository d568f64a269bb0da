"""What a preview loads: nothing that costs more than it gives, and nothing that only tests need."""

import subprocess
import sys
from functools import cache
from typing import Final

from infra.reading import ROOT

SCRIPT: Final = """
import sys
from cli.main import run
status = run(["preview", "production"])
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(status)
"""


@cache
def _loaded() -> frozenset[str]:
    """The packages that are loaded once production has been previewed without an engine."""
    ended = subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-c", SCRIPT], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return frozenset(ended.stderr.split())


def test_datadogs_sdk_is_never_loaded() -> None:
    """It reads half a million lines; `components/_datadog.py` stands in for it."""
    assert "pulumi_datadog" not in _loaded()
    assert {"pulumi_aws", "pulumi_pagerduty", "pulumi_random"} <= _loaded()


def test_nothing_is_loaded_that_talks_to_aws_or_that_tests() -> None:
    assert not _loaded() & {"boto3", "botocore", "hypothesis", "moto", "pytest", "tests"}
