"""CloudWatch: alarms by their state, and how it has changed, which moto does not tell.

No alarm here rings by itself: nothing is measured. Whoever practises sets its state.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from local.endpoint import After, Answer
from local.here import Here
from local.wire import Call

_STATE: Final = "StateValue"
_KINDS: Final = ("MetricAlarms", "CompositeAlarms")
_CHANGE: Final = "StateUpdate"


class Alarms:
    """Looks at states itself, and remembers how they change."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._changes: list[tuple[str, dict[str, Any]]] = []
        """By region, the newest first."""

    def answers(self) -> dict[str, Answer]:
        """What is answered here."""
        return {
            "cloudwatch.DescribeAlarms": self._describe,
            "cloudwatch.DescribeAlarmHistory": self._history,
        }

    def after(self) -> dict[str, After]:
        """What is done after moto's answer."""
        return {"cloudwatch.SetAlarmState": self._changed}

    def _describe(self, call: Call) -> Mapping[str, Any] | None:
        if _STATE not in call.parameters:
            return None
        asked = {name: value for name, value in call.parameters.items() if name not in {_STATE, "NextToken"}}
        client = self._here.client("cloudwatch", call.region)
        found = list(client.get_paginator("describe_alarms").paginate(**asked))
        wanted = call.parameters[_STATE]
        return {
            kind: [alarm for page in found for alarm in page.get(kind, ()) if alarm[_STATE] == wanted]
            for kind in _KINDS
        }

    def _changed(self, call: Call) -> Mapping[str, str]:
        item = {
            "AlarmName": call.parameters["AlarmName"],
            "AlarmType": "MetricAlarm",
            "Timestamp": datetime.now(UTC),
            "HistoryItemType": _CHANGE,
            "HistorySummary": f"Alarm updated to {call.parameters[_STATE]}",
        }
        self._changes.insert(0, (call.region, item))
        return {}

    def _history(self, call: Call) -> Mapping[str, Any]:
        asked = call.parameters
        first, last = _utc(asked.get("StartDate")), _utc(asked.get("EndDate"))
        found = [
            item
            for region, item in self._changes
            if region == call.region
            and asked.get("AlarmName") in (None, item["AlarmName"])
            and asked.get("HistoryItemType") in (None, _CHANGE)
            and (first is None or first <= item["Timestamp"])
            and (last is None or item["Timestamp"] <= last)
        ]
        return {"AlarmHistoryItems": found[: asked.get("MaxRecords", 100)]}


def _utc(moment: datetime | None) -> datetime | None:
    """A moment as moto reads it from the wire, where its zone is lost."""
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
