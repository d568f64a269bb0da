"""Datadog sees measures and names, and is let in by nobody else's word."""

import json
from typing import Any

import pytest

from components.datadog_integration import DatadogIntegration, DatadogIntegrationArgs
from preview.graph import Graph
from tests.harness import build, context

EXTERNAL_ID = "5f2d8c1e9b7a4036a1c4e7d2b8f09635"


def _args(site: str = "datadoghq.com") -> DatadogIntegrationArgs:
    return DatadogIntegrationArgs(
        site=site, external_id=EXTERNAL_ID, regions=["us-west-2", "us-east-2", "us-east-1"]
    )


def _build(site: str = "datadoghq.com") -> Graph:
    return build(lambda: DatadogIntegration("datadog", context(), _args(site)))


def _statement(policy: str) -> dict[str, Any]:
    (statement,) = json.loads(policy)["Statement"]
    return statement


@pytest.mark.parametrize(
    ("site", "account"), [("datadoghq.com", "464622532012"), ("ap1.datadoghq.com", "417141415827")]
)
def test_only_datadog_with_our_external_id_assumes_the_role(site: str, account: str) -> None:
    trust = _statement(_build(site).one("aws:iam/role:Role")["assumeRolePolicy"])
    assert trust["Principal"] == {"AWS": [f"arn:aws:iam::{account}:root"]}
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}


def test_a_site_without_an_aws_account_is_refused() -> None:
    with pytest.raises(ValueError, match=r"ddog-gov\.com has no AWS account"):
        _args("ddog-gov.com")


def test_it_reads_no_content_and_changes_nothing() -> None:
    statement = _statement(_build().one("aws:iam/rolePolicy:RolePolicy")["policy"])
    verbs = {action.partition(":")[2] for action in statement["Action"]}
    assert all(
        verb.startswith(("Describe", "List", "GetMetricData", "GetResources", "GetTag")) for verb in verbs
    )
    assert not any("*" in action for action in statement["Action"])
    assert "logs:" not in json.dumps(statement)
    assert "s3:" not in json.dumps(statement)


def test_the_account_is_read_in_its_own_regions_only() -> None:
    account = _build().one("datadog:aws/integrationAccount:IntegrationAccount")
    assert account["awsRegions"] == {"includeOnlies": ["us-east-1", "us-east-2", "us-west-2"]}
    role = account["authConfig"]["awsAuthConfigRole"]
    assert role == {"roleName": "syncup-test-datadog", "externalId": EXTERNAL_ID}
    # The provider refuses an account without these blocks.
    assert {"logsConfig", "metricsConfig", "resourcesConfig", "tracesConfig"} <= set(account.inputs)
