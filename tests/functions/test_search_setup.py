"""The set-up of OpenSearch: the same state after every run, whatever was there before."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.functions.folder import modules
from tests.functions.server import Request, serving

ROLE = "arn:aws:iam::111122223333:role/syncup-test-log-forwarder"
POLICY = "/_plugins/_ism/policies/logs-retention"
AUDIT = "/_plugins/_security/api/audit"


class FakeDomain:
    """As much of OpenSearch as the set-up touches."""

    def __init__(self) -> None:
        self.stored: dict[str, Any] = {AUDIT: {"config": {"enabled": False, "audit": {"enable_rest": True}}}}
        self.version = 0
        self.refuse: str | None = None

    def answer(self, request: Request) -> tuple[int, bytes]:
        path, _, query = request.path.partition("?")
        if path == self.refuse:
            return 403, b'{"message": "Forbidden"}'
        if request.method == "GET":
            if path not in self.stored:
                return 404, b'{"error": "not found"}'
            return 200, json.dumps(self.stored[path]).encode()
        body = json.loads(request.body)
        if path == POLICY:
            current = f"if_seq_no={self.version}&if_primary_term=1"
            if path in self.stored and query != current:
                return 409, b'{"error": "version conflict"}'
            self.version += 1
            body |= {"_seq_no": self.version, "_primary_term": 1}
        if path == f"{AUDIT}/config":
            path, body = AUDIT, {"config": body}
        self.stored[path] = body
        return 200, b"{}"


@pytest.fixture
def domain() -> FakeDomain:
    return FakeDomain()


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-west-2",
        "WRITER_ROLE_ARN": ROLE,
        "RETENTION_DAYS": "30",
    }.items():
        monkeypatch.setenv(name, value)
    with modules("search_setup", "handler") as (handler,):
        yield handler


def run(setup: Any, domain: FakeDomain, monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    with serving(domain.answer) as server:
        monkeypatch.setenv("SEARCH_ENDPOINT", server.url)
        setup.handler({}, None)
    return server.requests


def test_the_forwarder_may_add_to_the_daily_indices_and_nothing_else(
    setup: Any, domain: FakeDomain, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(setup, domain, monkeypatch)
    assert domain.stored["/_plugins/_security/api/rolesmapping/log_writer"] == {"backend_roles": [ROLE]}
    role = domain.stored["/_plugins/_security/api/roles/log_writer"]
    assert role["cluster_permissions"] == ["indices:data/write/bulk"]
    (granted,) = role["index_permissions"]
    assert granted["index_patterns"] == ["logs-*"]
    assert not {"read", "delete", "crud", "indices_all", "*"} & set(granted["allowed_actions"])


def test_indices_are_replicated_and_take_no_fields_from_log_lines(
    setup: Any, domain: FakeDomain, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(setup, domain, monkeypatch)
    template = domain.stored["/_index_template/logs"]["template"]
    assert template["settings"]["index.number_of_replicas"] == "1"
    assert template["mappings"]["dynamic"] is False


def test_indices_are_deleted_when_their_time_is_over(
    setup: Any, domain: FakeDomain, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(setup, domain, monkeypatch)
    policy = domain.stored[POLICY]["policy"]
    states = {state["name"]: state for state in policy["states"]}
    (transition,) = states[policy["default_state"]]["transitions"]
    assert transition["conditions"] == {"min_index_age": "30d"}
    assert states[transition["state_name"]]["actions"] == [{"delete": {}}]
    assert policy["ism_template"][0]["index_patterns"] == ["logs-*"]


def test_audit_logging_is_on_and_keeps_its_other_settings(
    setup: Any, domain: FakeDomain, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(setup, domain, monkeypatch)
    assert domain.stored[AUDIT]["config"] == {"enabled": True, "audit": {"enable_rest": True}}


def test_a_second_run_changes_nothing(
    setup: Any, domain: FakeDomain, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(setup, domain, monkeypatch)
    before = json.dumps(domain.stored, sort_keys=True)
    requests = run(setup, domain, monkeypatch)
    assert json.dumps(domain.stored, sort_keys=True) == before
    assert (POLICY, "PUT") not in {(request.path, request.method) for request in requests}


def test_a_new_retention_reaches_the_indices_that_exist(
    setup: Any, domain: FakeDomain, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(setup, domain, monkeypatch)
    monkeypatch.setenv("RETENTION_DAYS", "60")
    run(setup, domain, monkeypatch)
    assert domain.stored[POLICY]["policy"]["description"] == "Deletes logs after 60 days"
    assert domain.stored["/_plugins/_ism/change_policy/logs-*"] == {"policy_id": "logs-retention"}


def test_a_refusal_names_the_request(setup: Any, domain: FakeDomain, monkeypatch: pytest.MonkeyPatch) -> None:
    domain.refuse = "/_plugins/_security/api/roles/log_writer"
    with pytest.raises(
        setup.SetupError, match=r"PUT /_plugins/_security/api/roles/log_writer: 403 .*Forbidden"
    ):
        run(setup, domain, monkeypatch)
