"""Systems Manager: the application's migrations, of which its stand-in has none, and no other script.

Nothing else is run: the instances are only recorded, and this machine is nobody's to try scripts on.
"""

import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

from components.contract import RELEASE, RUN_MIGRATIONS
from local.endpoint import Answer
from local.wire import Call, RefusalError

_MIGRATES: Final = re.compile(rf"{re.escape(RUN_MIGRATIONS)} (?P<release>{RELEASE.pattern})")


class Scripts:
    """What was asked of instances."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}
        """By command, what it has printed."""

    def answers(self) -> dict[str, Answer]:
        """What is answered here."""
        return {"ssm.SendCommand": self._send, "ssm.GetCommandInvocation": self._get}

    def _send(self, call: Call) -> Mapping[str, Any]:
        script = "\n".join(call.parameters.get("Parameters", {}).get("commands", ())).strip()
        migrates = _MIGRATES.fullmatch(script)
        if migrates is None:
            raise RefusalError(
                "NotImplemented", "local has no instances that could run a script: they are only recorded"
            )
        identifier = str(uuid.uuid4())
        self._said[identifier] = f"the stand-in of {migrates['release']} has no migrations"
        return {"Command": {"CommandId": identifier, "Status": "Success"}}

    def _get(self, call: Call) -> Mapping[str, Any]:
        identifier = call.parameters["CommandId"]
        if identifier not in self._said:
            raise RefusalError("InvocationDoesNotExist", f"there is no command {identifier}")
        return {
            "CommandId": identifier,
            "InstanceId": call.parameters["InstanceId"],
            "Status": "Success",
            "StandardOutputContent": self._said[identifier],
            "StandardErrorContent": "",
        }
