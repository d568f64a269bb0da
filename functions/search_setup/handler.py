"""Sets up what lives inside OpenSearch and no AWS API reaches.

Every run leaves the same state: after a first run, a restore from a snapshot, or a change by hand.
"""

import json
import os
from typing import Any

import boto3
from desired import RETENTION, WRITER, retention, template, writer
from opensearch import Domain, Response

_NOT_FOUND = 404
_ERROR = 300


class SetupError(Exception):
    """OpenSearch refused a request. The message says which and what it answered."""


def handler(_event: dict[str, Any], _context: object) -> None:
    """Brings the domain into the desired state.

    The environment says what it is: `SEARCH_ENDPOINT`, `WRITER_ROLE_ARN`, `RETENTION_DAYS`.

    Raises:
        SetupError: a request was refused; the next run begins again.
    """
    session: Any = boto3.Session()
    domain = Domain(os.environ["SEARCH_ENDPOINT"], session.region_name, session.get_credentials())
    _map_writer(domain, os.environ["WRITER_ROLE_ARN"])
    _call(domain, "PUT", "/_index_template/logs", template())
    _retain(domain, int(os.environ["RETENTION_DAYS"]))
    _audit(domain)


def _map_writer(domain: Domain, role_arn: str) -> None:
    """https://docs.opensearch.org/latest/security/access-control/api/."""
    _call(domain, "PUT", f"/_plugins/_security/api/roles/{WRITER}", writer())
    _call(domain, "PUT", f"/_plugins/_security/api/rolesmapping/{WRITER}", {"backend_roles": [role_arn]})


def _retain(domain: Domain, days: int) -> None:
    """New indices take the policy up by themselves; those under an older version of it are moved.

    https://docs.opensearch.org/latest/im-plugin/ism/api/
    """
    path = f"/_plugins/_ism/policies/{RETENTION}"
    wanted = retention(days)
    found = domain.request("GET", path)
    if found.status == _NOT_FOUND:
        _call(domain, "PUT", path, wanted)
        return
    stored = _accepted(found, "GET", path)
    if stored["policy"]["description"] == wanted["policy"]["description"]:
        return
    version = f"if_seq_no={stored['_seq_no']}&if_primary_term={stored['_primary_term']}"
    _call(domain, "PUT", f"{path}?{version}", wanted)
    _call(domain, "POST", "/_plugins/_ism/change_policy/logs-*", {"policy_id": RETENTION})


def _audit(domain: Domain) -> None:
    """Publishing audit logs to CloudWatch is one half, writing them the other.

    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/audit-logs.html
    """
    path = "/_plugins/_security/api/audit"
    config = _call(domain, "GET", path)["config"]
    if not config["enabled"]:
        _call(domain, "PUT", f"{path}/config", {**config, "enabled": True})


def _call(domain: Domain, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    content = None if body is None else json.dumps(body).encode()
    return _accepted(domain.request(method, path, content), method, path)


def _accepted(response: Response, method: str, path: str) -> Any:
    if response.status >= _ERROR:
        raise SetupError(f"{method} {path}: {response.status} {response.body}")
    return response.body
