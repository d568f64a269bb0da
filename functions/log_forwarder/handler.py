"""Forwards log events from CloudWatch Logs to OpenSearch.

What does not arrive is kept in S3 and fails the invocation: Lambda repeats it twice, then keeps it in
the dead-letter queue. Repeating is harmless, since a document keeps its identifier.
"""

import gzip
import hashlib
import json
import os
from collections.abc import Sequence
from typing import Any

import boto3
from delivery import Failure, deliver
from documents import documents
from opensearch import Domain


class DeliveryError(Exception):
    """Log events did not arrive. The message says how many, why, and where they are kept."""


def handler(event: dict[str, Any], context: Any) -> None:
    """Delivers one batch of log events.

    The environment says where to: `SEARCH_ENDPOINT`, and `FAILED_BUCKET` for what fails.

    Raises:
        DeliveryError: not everything arrived.
    """
    found = documents(event)
    session: Any = boto3.Session()
    domain = Domain(os.environ["SEARCH_ENDPOINT"], session.region_name, session.get_credentials())
    failures = deliver(
        found,
        send=lambda body: domain.request("POST", "/_bulk", body, "application/x-ndjson"),
        seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
    )
    if failures:
        bucket = os.environ["FAILED_BUCKET"]
        key = _keep(session.client("s3"), bucket, failures)
        raise DeliveryError(
            f"{len(failures)} of {len(found)} log events from {found[0].source['group']} did not arrive, "
            f"the first with: {failures[0].reason[:300]}; they are kept in s3://{bucket}/{key}"
        )


def _keep(s3: Any, bucket: str, failures: Sequence[Failure]) -> str:
    """Puts what failed to S3, one JSON document a line, and returns the key: the same for the same events."""
    lines = "".join(
        json.dumps(
            {
                "index": failure.document.index,
                "id": failure.document.identifier,
                "source": failure.document.source,
                "reason": failure.reason,
            }
        )
        + "\n"
        for failure in failures
    )
    identifiers = "\n".join(failure.document.identifier for failure in failures)
    digest = hashlib.sha256(identifiers.encode()).hexdigest()
    key = f"{failures[0].document.index}/{digest}.ndjson.gz"
    s3.put_object(Bucket=bucket, Key=key, Body=gzip.compress(lines.encode()))
    return key
