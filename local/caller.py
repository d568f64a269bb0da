"""STS: who calls is who is signed in on this machine."""

import getpass
from collections.abc import Mapping
from typing import Any

from local.endpoint import Answer
from local.here import Here
from local.wire import Call


def answers(here: Here) -> dict[str, Answer]:
    """What is answered here."""
    user = getpass.getuser()

    def who(_: Call) -> Mapping[str, Any]:
        arn = f"arn:aws:iam::{here.account}:user/{user}"
        return {"Account": here.account, "UserId": user, "Arn": arn}

    return {"sts.GetCallerIdentity": who}
