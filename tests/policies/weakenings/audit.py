"""CloudTrail, Config, GuardDuty, Security Hub and Inspector."""

from collections.abc import Mapping
from typing import Any

from tests.policies.weakenings.edits import (
    Target,
    add,
    change,
    delete,
    drop,
    has,
    only_first,
    rewrite,
    together,
)
from tests.policies.weakenings.model import Edit, Kind, Weakening

trail = Target("CloudTrail", "aws:cloudtrail/trail:Trail")
recorder = Target("Config", "aws:cfg/recorder:Recorder")
recorder_status = Target("Config", "aws:cfg/recorderStatus:RecorderStatus")
channel = Target("Config", "aws:cfg/deliveryChannel:DeliveryChannel")
detector = Target("GuardDuty", "aws:guardduty/detector:Detector")
feature = Target("GuardDuty", "aws:guardduty/detectorFeature:DetectorFeature")
hub = Target("Security Hub", "aws:securityhub/account:Account")
standard = Target("Security Hub", "aws:securityhub/standardsSubscription:StandardsSubscription")
aggregator = Target("Security Hub", "aws:securityhub/findingAggregator:FindingAggregator")
inspector = Target("Inspector", "aws:inspector2/enabler:Enabler")

CLOUDTRAIL: tuple[Weakening, ...] = (
    trail(Kind.DETECTION, "deleted", "CloudTrail.1, CloudTrail.3, CIS 3.1", delete),
    *trail.off(Kind.DETECTION, "of one region", "CloudTrail.1, CIS 3.1", "isMultiRegionTrail", False),
    trail(
        Kind.DETECTION, "not recording", "CloudTrail.1, CloudTrail.3, CIS 3.1", add("enableLogging", False)
    ),
    trail(
        Kind.DETECTION,
        "without global services",
        "CloudTrail.1, CIS 3.1",
        change("includeGlobalServiceEvents", False),
    ),
    trail(Kind.KEY, "not encrypted by a key", "CloudTrail.2, CIS 3.5", drop("kmsKeyId")),
    *trail.off(
        Kind.LOGGING, "log files not validated", "CloudTrail.4, CIS 3.2", "enableLogFileValidation", False
    ),
    trail(
        Kind.LOGGING,
        "not sent to CloudWatch Logs",
        "CloudTrail.5",
        together(drop("cloudWatchLogsGroupArn"), drop("cloudWatchLogsRoleArn")),
    ),
    trail(Kind.LOGGING, "no events of objects", "CIS 3.8, CIS 3.9", drop("eventSelectors")),
    trail(
        Kind.LOGGING, "no reads of objects", "CIS 3.9", change("eventSelectors.*.readWriteType", "WriteOnly")
    ),
    trail(
        Kind.LOGGING, "no writes of objects", "CIS 3.8", change("eventSelectors.*.readWriteType", "ReadOnly")
    ),
    trail(
        Kind.LOGGING,
        "no management events",
        "CloudTrail.1, CIS 3.1",
        change("eventSelectors.*.includeManagementEvents", False),
    ),
    trail(
        Kind.LOGGING,
        "without what is done to keys",
        "CloudTrail.1; CIS 4.7",
        add("eventSelectors.*.excludeManagementEventSources", ["kms.amazonaws.com"]),
    ),
    trail.unprotected(),
)

_one_type = {
    "allSupported": False,
    "includeGlobalResourceTypes": False,
    "resourceTypes": ["AWS::EC2::Instance"],
}

CONFIG: tuple[Weakening, ...] = (
    recorder.deleted("Config.1, CIS 3.3"),
    recorder(Kind.DETECTION, "one type alone", "Config.1, CIS 3.3", change("recordingGroup", _one_type)),
    recorder(
        Kind.DETECTION,
        "global types nowhere",
        "Config.1, CIS 3.3",
        change("recordingGroup.includeGlobalResourceTypes", False),
    ),
    recorder(
        Kind.DETECTION,
        "all types but some",
        "Config.1, CIS 3.3",
        change(
            "recordingGroup",
            {
                "allSupported": False,
                "exclusionByResourceTypes": [{"resourceTypes": ["AWS::IAM::Role"]}],
                "recordingStrategies": [{"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"}],
            },
        ),
    ),
    recorder(
        Kind.DETECTION,
        "a role of its own instead of the service's",
        "Config.1",
        change("roleArn", "arn:aws:iam::111122223333:role/config"),
    ),
    recorder_status.deleted("Config.1, CIS 3.3"),
    recorder_status(Kind.DETECTION, "stopped", "Config.1, CIS 3.3", change("isEnabled", False)),
    channel.deleted("Config.1, CIS 3.3"),
    channel(Kind.KEY, "history under S3's key", "guide: encryption", drop("s3KmsKeyArn")),
)

_FEATURES: Mapping[str, str] = {
    "S3_DATA_EVENTS": "GuardDuty.10",
    "EKS_AUDIT_LOGS": "GuardDuty.5",
    "EBS_MALWARE_PROTECTION": "GuardDuty.8",
    "RDS_LOGIN_EVENTS": "GuardDuty.9",
    "LAMBDA_NETWORK_LOGS": "GuardDuty.6",
    "RUNTIME_MONITORING": "GuardDuty.11, GuardDuty.7",
}
_AGENTS: Mapping[str, str] = {
    "EC2_AGENT_MANAGEMENT": "GuardDuty.13",
    "ECS_FARGATE_AGENT_MANAGEMENT": "GuardDuty.12",
    "EKS_ADDON_MANAGEMENT": "GuardDuty.7",
}


def _without_agent(name: str) -> Edit:
    """No longer lets GuardDuty manage one of its agents."""

    def disabled(configurations: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        return [{**c, "status": "DISABLED"} if c["name"] == name else c for c in configurations]

    return rewrite("additionalConfigurations", disabled)


GUARDDUTY: tuple[Weakening, ...] = (
    detector(Kind.DETECTION, "deleted", "GuardDuty.1", delete),
    detector(Kind.DETECTION, "suspended", "GuardDuty.1", change("enable", False)),
    *(
        weakening
        for name, control in _FEATURES.items()
        for weakening in (
            feature(
                Kind.DETECTION,
                f"{name} disabled",
                control,
                change("status", "DISABLED"),
                where=has("name", name),
            ),
            feature(Kind.SIDE_RESOURCE, f"{name} deleted", control, delete, where=has("name", name)),
        )
    ),
    *(
        feature(Kind.DETECTION, f"{name} disabled", control, _without_agent(name))
        for name, control in _AGENTS.items()
    ),
    feature(
        Kind.DETECTION,
        "no agent managed",
        "GuardDuty.7, GuardDuty.12, GuardDuty.13",
        drop("additionalConfigurations"),
    ),
)

SECURITY_HUB: tuple[Weakening, ...] = (
    hub(Kind.DETECTION, "deleted", "CIS 4.16", delete),
    hub(Kind.DETECTION, "new controls not enabled", "CIS 4.16", change("autoEnableControls", False)),
    standard.deleted("CIS 4.16"),
    aggregator(
        Kind.DETECTION,
        "findings of one region left out",
        "CIS 4.16",
        only_first("specifiedRegions"),
        excluded="Security Hub finds the same in every region; where people read it is their choice",
    ),
)

INSPECTOR: tuple[Weakening, ...] = (
    inspector.deleted("guide: Security Scanning"),
    inspector(
        Kind.DETECTION,
        "instances not scanned",
        "guide: Security Scanning",
        change("resourceTypes", ["LAMBDA"]),
    ),
    inspector(
        Kind.DETECTION,
        "functions not scanned",
        "guide: Security Scanning",
        change("resourceTypes", ["EC2"]),
    ),
)

WEAKENINGS: tuple[Weakening, ...] = (*CLOUDTRAIL, *CONFIG, *GUARDDUTY, *SECURITY_HUB, *INSPECTOR)
