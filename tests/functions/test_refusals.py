"""What is wired but not built refuses in one line, so that nobody takes it for done."""

import pytest

from tests.functions.folder import modules


def test_a_restore_that_nobody_has_looked_at_is_not_proven() -> None:
    with (
        modules("recovery_validation", "handler") as (handler,),
        pytest.raises(NotImplementedError, match="restore ABC stays unproven"),
    ):
        handler.handler({"detail": {"restoreJobId": "ABC", "status": "COMPLETED"}}, None)
