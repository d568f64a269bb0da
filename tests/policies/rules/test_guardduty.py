"""What the rules of GuardDuty decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rule import Rule
from policies.rules import guardduty
from tests.policies.kit import MAIN, Case, Side, judged
from tests.policies.rules.test_account import of_account


def _feature(name: str, *, status: str, **more: Any) -> Side:
    return Side(
        "aws:guardduty/detectorFeature:DetectorFeature", detectorId=MAIN, name=name, status=status, **more
    )


def _asking(rule: Rule, name: str) -> Case:
    return Case(
        rule,
        compliant_beside=[_feature(name, status="ENABLED")],
        violating_beside=[_feature(name, status="DISABLED")],
    )


def _managing(rule: Rule, agent: str) -> Case:
    def feature(status: str) -> Side:
        configurations = [{"name": "OTHER", "status": "ENABLED"}, {"name": agent, "status": status}]
        return _feature("RUNTIME_MONITORING", status="ENABLED", additionalConfigurations=configurations)

    return Case(
        rule, compliant_beside=[feature("ENABLED")], violating_beside=[feature("DISABLED")], valid=False
    )


CASES = (
    of_account(
        guardduty.account_enabled,
        "aws:guardduty/detector:Detector",
        {"enable": True},
        {"enable": False},
        absent=None,
    ),
    Case(
        guardduty.detector_enabled,
        compliant={"enable": True},
        violating={"enable": False},
        absent=Verdict.COMPLIANT,
    ),
    _asking(guardduty.detector_eks_audit_logs, "EKS_AUDIT_LOGS"),
    _asking(guardduty.detector_lambda_network, "LAMBDA_NETWORK_LOGS"),
    _asking(guardduty.detector_malware, "EBS_MALWARE_PROTECTION"),
    _asking(guardduty.detector_rds_logins, "RDS_LOGIN_EVENTS"),
    _asking(guardduty.detector_s3_events, "S3_DATA_EVENTS"),
    _asking(guardduty.detector_runtime, "RUNTIME_MONITORING"),
    _managing(guardduty.detector_eks_runtime, "EKS_ADDON_MANAGEMENT"),
    _managing(guardduty.detector_ecs_runtime, "ECS_FARGATE_AGENT_MANAGEMENT"),
    _managing(guardduty.detector_ec2_runtime, "EC2_AGENT_MANAGEMENT"),
    Case(
        guardduty.detector_s3_events,
        compliant={"datasources": {"s3Logs": {"enable": True}}},
        violating={"datasources": {"s3Logs": {"enable": False}}},
    ),
    Case(
        guardduty.detector_eks_audit_logs,
        compliant={"datasources": {"kubernetes": {"auditLogs": {"enable": True}}}},
        violating={"datasources": {"kubernetes": {"auditLogs": {"enable": False}}}},
    ),
    Case(
        guardduty.detector_malware,
        compliant={
            "datasources": {
                "malwareProtection": {"scanEc2InstanceWithFindings": {"ebsVolumes": {"enable": True}}}
            }
        },
        violating={
            "datasources": {
                "malwareProtection": {"scanEc2InstanceWithFindings": {"ebsVolumes": {"enable": False}}}
            }
        },
    ),
    Case(
        guardduty.feature_enabled,
        compliant={"status": "ENABLED"},
        violating={"status": "DISABLED"},
        absent=None,
    ),
)

test_cases = judged(CASES)
