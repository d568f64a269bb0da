"""Brings documents into OpenSearch by its bulk API, patiently but not for ever."""

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError
from documents import Document
from opensearch import Response

_ATTEMPTS = 6
_FIRST_DELAY_SECONDS = 0.5
_LONGEST_DELAY_SECONDS = 8.0
_RESERVE_SECONDS = 30.0
"""Left for one more request and for putting what failed to S3."""
_BODY_BYTES = 4 * 1024 * 1024
"""The smallest instances take 10 MiB.
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/limits.html"""
_OK = 200
_TOO_MANY = 429
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that did not arrive, and what was said to it last."""

    document: Document
    reason: str
    lasting: bool
    """Whether trying again is useless: the document, or the caller, is refused."""


def deliver(
    documents: Sequence[Document],
    send: Callable[[bytes], Response],
    seconds_left: Callable[[], float],
    sleep: Callable[[float], None] = time.sleep,
) -> list[Failure]:
    """Sends the documents and returns those that failed for good, none where all arrived.

    What OpenSearch has no room for now (429), or fails at (5xx), is sent again with growing pauses;
    only these documents, and only while there is time.

    Args:
        documents: what to send.
        send: posts one body to the bulk API.
        seconds_left: until the function would be stopped.
        sleep: waits so many seconds.
    """
    failed: list[Failure] = []
    pending = list(documents)
    attempt = 1
    while True:
        refused = [failure for batch in _batches(pending) for failure in _post(batch, send)]
        failed += [failure for failure in refused if failure.lasting]
        waiting = [failure for failure in refused if not failure.lasting]
        delay = _delay(attempt)
        if not waiting or attempt == _ATTEMPTS or seconds_left() < delay + _RESERVE_SECONDS:
            return failed + waiting
        sleep(delay)
        pending = [failure.document for failure in waiting]
        attempt += 1


def _delay(attempt: int) -> float:
    """Between half and all of a doubling pause, so that many forwarders do not return at once."""
    longest = min(_FIRST_DELAY_SECONDS * 2 ** (attempt - 1), _LONGEST_DELAY_SECONDS)
    return longest * random.uniform(0.5, 1)  # noqa: S311 (no cryptography)


def _batches(documents: Sequence[Document]) -> Iterator[list[tuple[Document, bytes]]]:
    """The documents with their two lines of the body, in batches that fit a request."""
    batch: list[tuple[Document, bytes]] = []
    size = 0
    for document in documents:
        lines = _lines(document)
        if batch and size + len(lines) > _BODY_BYTES:
            yield batch
            batch, size = [], 0
        batch.append((document, lines))
        size += len(lines)
    if batch:
        yield batch


def _lines(document: Document) -> bytes:
    action = {"index": {"_index": document.index, "_id": document.identifier}}
    return f"{json.dumps(action)}\n{json.dumps(document.source)}\n".encode()


def _post(batch: Sequence[tuple[Document, bytes]], send: Callable[[bytes], Response]) -> list[Failure]:
    """Sends one batch and returns what of it did not arrive.

    https://docs.opensearch.org/latest/api-reference/document-apis/bulk/
    """
    try:
        response = send(b"".join(lines for _, lines in batch))
    except BotoCoreError as error:
        return [Failure(document, str(error), lasting=False) for document, _ in batch]
    if response.status != _OK:
        reason = f"{response.status} {response.body}"
        return [Failure(document, reason, _lasting(response.status)) for document, _ in batch]
    results: list[dict[str, Any]] = [item["index"] for item in response.body["items"]]
    return [
        Failure(document, f"{result['status']} {result['error']}", _lasting(result["status"]))
        for (document, _), result in zip(batch, results, strict=True)
        if "error" in result
    ]


def _lasting(status: int) -> bool:
    return status != _TOO_MANY and status < _SERVER_ERROR
