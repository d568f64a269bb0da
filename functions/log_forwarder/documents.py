"""From what CloudWatch Logs sends to documents for OpenSearch."""

import base64
import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Document:
    """One log event. Its identifier is CloudWatch's, so sending it twice stores it once."""

    index: str
    identifier: str
    source: dict[str, str]


def documents(event: dict[str, Any]) -> list[Document]:
    """The log events of one invocation; none where CloudWatch only tests the subscription.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html

    Raises:
        ValueError, KeyError, OSError: the event is no subscription payload.
    """
    payload = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"], validate=True)))
    if payload["messageType"] != "DATA_MESSAGE":
        return []
    return [_document(payload["logGroup"], payload["logStream"], entry) for entry in payload["logEvents"]]


def _document(group: str, stream: str, entry: dict[str, Any]) -> Document:
    at = datetime.fromtimestamp(entry["timestamp"] / 1000, UTC)
    source = {
        "@timestamp": at.isoformat(timespec="milliseconds"),
        "group": group,
        "stream": stream,
        "message": entry["message"],
    }
    level = _level(entry["message"])
    if level is not None:
        source["level"] = level
    # An index a day, by the event's own date: retention removes whole indices.
    return Document(f"logs-{at:%Y.%m.%d}", entry["id"], source)


def _level(message: str) -> str | None:
    """The level of a structured message.

    The other fields stay searchable as text: to map whatever an application logs would end in thousands
    of fields and rejected documents.
    """
    try:
        level = json.loads(message)["level"]
    except (ValueError, KeyError, TypeError):
        return None
    return level.lower() if isinstance(level, str) else None
