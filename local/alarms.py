"""CloudWatch: of alarms those in a state, which moto does not tell apart where they are asked for by name."""

from collections.abc import Mapping
from typing import Any, Final

from local.endpoint import Answer
from local.here import Here
from local.wire import Call

_STATE: Final = "StateValue"
_KINDS: Final = ("MetricAlarms", "CompositeAlarms")


class Alarms:
    """Looks at the state itself."""

    def __init__(self, here: Here) -> None:
        self._here = here

    def answers(self) -> dict[str, Answer]:
        """What is answered here."""
        return {"cloudwatch.DescribeAlarms": self._describe}

    def _describe(self, call: Call) -> Mapping[str, Any] | None:
        if _STATE not in call.parameters:
            return None
        asked = {name: value for name, value in call.parameters.items() if name not in {_STATE, "NextToken"}}
        pages = (
            self._here.client("cloudwatch", call.region).get_paginator("describe_alarms").paginate(**asked)
        )
        found = list(pages)
        wanted = call.parameters[_STATE]
        return {
            kind: [alarm for page in found for alarm in page.get(kind, ()) if alarm[_STATE] == wanted]
            for kind in _KINDS
        }
