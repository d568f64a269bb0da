"""The drill itself, on real servers. It takes minutes, so that only the long form of the tests has it."""

import subprocess
import sys

import pytest

from infra.reading import ROOT


@pytest.mark.full
def test_the_drill_keeps_what_the_guide_promises() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "drill"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for step in ("backup", "damage", "full restore", "rotation under load", "maintenance", "incident"):
        assert f"\n{step} " in done.stdout
    assert "none failed" in done.stdout
