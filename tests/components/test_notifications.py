"""The topics that alarms reach."""

import json

from components.encryption import Encryption
from components.notifications import Notifications
from components.outputs import Outputs
from preview.graph import Graph
from tests.harness import build, context


def _graph() -> Graph:
    def program() -> None:
        keys = Encryption("encryption", context())
        Notifications(
            "alerts",
            context(),
            key=keys.logs,
            recovery_key=keys.recovery_logs,
            global_key=keys.global_logs,
        )

    return build(program)


def test_there_is_a_topic_for_each_severity_in_each_region_that_has_alarms() -> None:
    topics = {(t["name"], t["region"]) for t in _graph().all("aws:sns/topic:Topic")}
    severities = ("critical", "high", "medium", "low")
    home = {(f"syncup-test-alerts-{severity}", "us-west-2") for severity in severities}
    edge = {(f"syncup-test-alerts-global-{severity}", "us-east-1") for severity in severities}
    recovery = {(f"syncup-test-alerts-recovery-{severity}", "us-east-2") for severity in severities}
    assert topics == home | recovery | edge


def test_topics_are_encrypted_and_their_deliveries_logged() -> None:
    for topic in _graph().all("aws:sns/topic:Topic"):
        assert "kmsMasterKeyId" in topic.inputs
        assert "httpFailureFeedbackRoleArn" in topic.inputs
        assert "lambdaFailureFeedbackRoleArn" in topic.inputs


def test_services_publish_for_this_account_only_and_over_tls_only() -> None:
    for topic in _graph().all("aws:sns/topic:Topic"):
        allow, deny = json.loads(topic["policy"])["Statement"]
        assert allow["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}
        assert deny["Effect"] == "Deny"
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_each_output_is_one_parameter_that_the_command_reads() -> None:
    graph = build(lambda: Outputs("outputs", context(), {"domain": "syncup.example.com"}))
    parameter = graph.one("aws:ssm/parameter:Parameter")
    assert parameter["name"] == "/syncup/test/outputs/domain"
    assert parameter["insecureValue"] == "syncup.example.com"
