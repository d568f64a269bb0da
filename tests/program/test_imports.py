"""What a preview loads: nothing that costs more than it gives, and nothing that only tests need."""

import subprocess
import sys
from typing import Final

from infra.reading import ROOT

SCRIPT: Final = """
import sys
from cli.main import run
status = run(["preview", "production"])
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(status)
"""


def test_a_preview_loads_neither_datadogs_sdk_nor_what_only_tests_need() -> None:
    """Datadog's reads half a million lines; `components/_datadog.py` stands in for it."""
    ended = subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-c", SCRIPT], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    loaded = set(ended.stderr.split())
    assert {"pulumi_aws", "pulumi_pagerduty", "pulumi_random"} <= loaded
    assert not loaded & {"pulumi_datadog", "boto3", "botocore", "hypothesis", "moto", "pytest", "tests"}
