"""A rotation that is not built yet fails, in one line, before it has touched anything."""

import pytest

from components.rotation import ROTATORS, Rotator
from tests.functions.folder import modules

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("rotator", ROTATORS, ids=lambda rotator: rotator.group)
def test_every_step_is_refused(rotator: Rotator, step: str) -> None:
    event = {"Step": step, "SecretId": "arn:secret", "ClientRequestToken": "token"}
    with (
        modules(rotator.source, "handler") as (handler,),
        pytest.raises(NotImplementedError, match=f"not built yet: {step} of arn:secret refused") as refused,
    ):
        handler.handler(event, None)
    assert "\n" not in str(refused.value)
