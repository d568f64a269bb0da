"""What is wired but not built refuses in one line, so that nobody takes it for done."""

import subprocess
import sys

import pytest

from tests.functions.folder import ROOT, modules


def test_the_dump_job_fails_in_one_line() -> None:
    done = subprocess.run(  # noqa: S603 (our own file)
        [sys.executable, ROOT / "dump_job" / "dump.py"],
        env={"DUMP_BUCKET": "dumps"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "dump: dumping is not built yet, nothing was written to dumps\n"


def test_a_restore_that_nobody_has_looked_at_is_not_proven() -> None:
    with (
        modules("recovery_validation", "handler") as (handler,),
        pytest.raises(NotImplementedError, match="restore ABC stays unproven"),
    ):
        handler.handler({"detail": {"restoreJobId": "ABC", "status": "COMPLETED"}}, None)
