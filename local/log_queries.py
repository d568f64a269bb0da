"""CloudWatch Logs: queries of Insights are answered from what moto keeps, which itself filters nothing."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from moto.logs.models import logs_backends

from local.endpoint import Answer
from local.here import Here
from local.insights import Event, QueryError, Row, run
from local.wire import Call, RefusalError

_backends: Any = logs_backends


class LogQueries:
    """The queries' results, until they are fetched."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._found: dict[str, Sequence[Row]] = {}

    def answers(self) -> dict[str, Answer]:
        """What is answered here."""
        return {
            "logs.StartQuery": self._start,
            "logs.GetQueryResults": self._results,
            "logs.StopQuery": self._stop,
        }

    def _start(self, call: Call) -> Mapping[str, Any]:
        name = call.parameters["logGroupName"]
        group = _backends[self._here.account][call.region].groups.get(name)
        if group is None:
            raise RefusalError("ResourceNotFoundException", f"the log group {name} does not exist")
        first, last = call.parameters["startTime"] * 1000, call.parameters["endTime"] * 1000
        events = [
            Event(
                at_ms=event.timestamp,
                stream=stream.log_stream_name,
                message=event.message,
                pointer=str(event.event_id),
            )
            for stream in list(group.streams.values())
            for event in list(stream.events)
            if first <= event.timestamp < last + 1000
        ]
        try:
            rows = run(call.parameters["queryString"], events)
        except QueryError as error:
            raise RefusalError("MalformedQueryException", str(error)) from error
        identifier = str(uuid.uuid4())
        self._found[identifier] = rows
        return {"queryId": identifier}

    def _results(self, call: Call) -> Mapping[str, Any]:
        rows = self._found.pop(call.parameters["queryId"], None)
        if rows is None:
            raise RefusalError("ResourceNotFoundException", "there is no such query")
        results = [[{"field": name, "value": value} for name, value in row.items()] for row in rows]
        return {"status": "Complete", "results": results}

    def _stop(self, call: Call) -> Mapping[str, Any]:
        return {"success": self._found.pop(call.parameters["queryId"], None) is not None}
