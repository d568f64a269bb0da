"""What the rules of OpenSearch decide."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from policies.evaluate import Verdict
from policies.rule import Rule
from policies.rules import opensearch
from tests.policies.kit import Case, judged

_KEY = "arn:aws:kms:us-west-2:111122223333:key/1"
_LOGS = "arn:aws:logs:us-west-2:111122223333:log-group:search"


def _for_both(
    rule: Rule, compliant: Mapping[str, Any], violating: Mapping[str, Any], **given: Any
) -> Iterator[Case]:
    for token in rule.types:
        yield Case(rule, type=token, compliant=compliant, violating=violating, **given)


def _log(kind: str, **changes: Any) -> dict[str, Any]:
    return {"logPublishingOptions": [{"cloudwatchLogGroupArn": _LOGS, "logType": kind, **changes}]}


def _vpc(**given: Any) -> dict[str, Any]:
    return {"vpcOptions": given}


def _network(*, public: bool) -> dict[str, Any]:
    return {"policy": json.dumps([{"AllowFromPublic": False}, {"AllowFromPublic": public}])}


def _off_peak(hours: int, minutes: int = 0) -> dict[str, Any]:
    time = {"hours": hours, "minutes": minutes}
    return {"offPeakWindowOptions": {"enabled": True, "offPeakWindow": {"windowStartTime": time}}}


CASES = (
    *_for_both(
        opensearch.domain_encrypted,
        {"encryptAtRest": {"enabled": True}},
        {"encryptAtRest": {"enabled": False}},
    ),
    *_for_both(
        opensearch.domain_encrypted_with_own_key,
        {"encryptAtRest": {"enabled": True, "kmsKeyId": _KEY}},
        {"encryptAtRest": {"enabled": True}},
        unknown=None,
    ),
    *_for_both(
        opensearch.domain_in_vpc,
        _vpc(subnetIds=["subnet-12345678"]),
        _vpc(subnetIds=[]),
        unknown=None,
    ),
    *_for_both(
        opensearch.domain_security_groups_named,
        _vpc(subnetIds=["subnet-12345678"], securityGroupIds=["sg-12345678"]),
        _vpc(subnetIds=["subnet-12345678"], securityGroupIds=[]),
        absent=None,
        unknown=None,
        out_of_scope=[_vpc(securityGroupIds=[])],
    ),
    *_for_both(
        opensearch.domain_encrypted_between_nodes,
        {"nodeToNodeEncryption": {"enabled": True}},
        {"nodeToNodeEncryption": {"enabled": False}},
    ),
    *_for_both(
        opensearch.domain_logs_errors,
        _log("ES_APPLICATION_LOGS"),
        _log("AUDIT_LOGS"),
        more_violating=[_log("ES_APPLICATION_LOGS", enabled=False)],
    ),
    *_for_both(
        opensearch.domain_logs_audit,
        _log("AUDIT_LOGS"),
        _log("ES_APPLICATION_LOGS"),
        more_violating=[_log("AUDIT_LOGS", enabled=False)],
    ),
    *_for_both(
        opensearch.domain_data_nodes,
        {"clusterConfig": {"instanceCount": 3, "zoneAwarenessEnabled": True}},
        {"clusterConfig": {"instanceCount": 2, "zoneAwarenessEnabled": True}},
        more_violating=[{"clusterConfig": {"instanceCount": 3}}],
    ),
    Case(
        opensearch.domain_data_nodes,
        base={"clusterConfig": {"instanceCount": 3}},
        compliant={"clusterConfig": {"instanceCount": 3, "multiAzWithStandbyEnabled": True}},
        violating={"clusterConfig": {"instanceCount": 3, "multiAzWithStandbyEnabled": False}},
    ),
    *_for_both(
        opensearch.domain_dedicated_masters,
        {"clusterConfig": {"dedicatedMasterEnabled": True, "dedicatedMasterCount": 3}},
        {"clusterConfig": {"dedicatedMasterEnabled": True, "dedicatedMasterCount": 2}},
        more_violating=[{"clusterConfig": {"dedicatedMasterEnabled": False, "dedicatedMasterCount": 3}}],
    ),
    *_for_both(
        opensearch.domain_fine_grained_access,
        {"advancedSecurityOptions": {"enabled": True}},
        {"advancedSecurityOptions": {"enabled": False}},
    ),
    Case(
        opensearch.domain_fine_grained_access,
        base={"advancedSecurityOptions": {"enabled": True}},
        compliant={"advancedSecurityOptions": {"enabled": True, "anonymousAuthEnabled": False}},
        violating={"advancedSecurityOptions": {"enabled": True, "anonymousAuthEnabled": True}},
        absent=None,
    ),
    *_for_both(
        opensearch.domain_tls,
        {"domainEndpointOptions": {"tlsSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10"}},
        {"domainEndpointOptions": {"tlsSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"}},
        more_violating=[
            {
                "domainEndpointOptions": {
                    "enforceHttps": False,
                    "tlsSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10",
                }
            }
        ],
    ),
    Case(
        opensearch.domain_software_updates,
        compliant={"softwareUpdateOptions": {"autoSoftwareUpdateEnabled": True}},
        violating={"softwareUpdateOptions": {"autoSoftwareUpdateEnabled": False}},
    ),
    Case(
        opensearch.domain_off_peak_window,
        compliant=_off_peak(2),
        violating=_off_peak(12),
        settings={"maintenance_window": "sun:02:00-sun:04:00"},
        more_compliant=[_off_peak(3, 59)],
        more_violating=[_off_peak(4), _off_peak(1, 59)],
    ),
    Case(
        opensearch.collection_not_public,
        base={"type": "network"},
        compliant=_network(public=False),
        violating=_network(public=True),
        absent=Verdict.COMPLIANT,
        more_violating=[{"policy": "none"}],
        out_of_scope=[{"type": "encryption"}],
    ),
)

test_cases = judged(CASES)
