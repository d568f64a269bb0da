"""GuardDuty: what looks like an attack, region by region, and who is told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, guardduty

from components.alarms import AlarmRoute, Severity
from components.base import Component
from components.context import Context

_FEATURES = (
    "S3_DATA_EVENTS",
    "RDS_LOGIN_EVENTS",
    "EBS_MALWARE_PROTECTION",
    "LAMBDA_NETWORK_LOGS",
    "EKS_AUDIT_LOGS",
)
_AGENTS = ("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT")
"""GuardDuty brings its agents by itself to whatever runs, also to what does not run today."""


@dataclass(frozen=True, slots=True)
class _Band:
    """Findings from one severity of GuardDuty's up to the next, and what they are to the guide.

    https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
    """

    severity: Severity
    least: float
    below: float


_BANDS = (_Band(Severity.CRITICAL, 9, 11), _Band(Severity.HIGH, 7, 9))
"""Lesser findings wait in Security Hub."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreatDetectionArgs:
    """The regions that are watched, and who hears of findings in each."""

    alarms: Mapping[str, AlarmRoute]
    """By region, since a rule tells topics of its own region alone."""


class ThreatDetection(Component):
    """A detector with every protection in each region; serious findings page."""

    def __init__(
        self,
        name: str,
        context: Context,
        args: ThreatDetectionArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("syncup:audit:ThreatDetection", name, context, opts)
        for region, route in args.alarms.items():
            self._detect(region)
            for band in _BANDS:
                self._tell(region, band, route)
        self.register_outputs({})

    def _detect(self, region: str) -> None:
        name = f"{self.pulumi_resource_name}-{region}"
        detector = guardduty.Detector(
            name,
            enable=True,
            finding_publishing_frequency="FIFTEEN_MINUTES",
            region=region,
            opts=self.child(),
        )
        for feature in _FEATURES:
            guardduty.DetectorFeature(
                f"{name}-{feature.lower().replace('_', '-')}",
                detector_id=detector.id,
                name=feature,
                status="ENABLED",
                region=region,
                opts=self.child(),
            )
        guardduty.DetectorFeature(
            f"{name}-runtime-monitoring",
            detector_id=detector.id,
            name="RUNTIME_MONITORING",
            status="ENABLED",
            additional_configurations=[
                guardduty.DetectorFeatureAdditionalConfigurationArgs(name=agent, status="ENABLED")
                for agent in _AGENTS
            ],
            region=region,
            opts=self.child(),
        )

    def _tell(self, region: str, band: _Band, route: AlarmRoute) -> None:
        name = f"{self.pulumi_resource_name}-{region}-{band.severity.lower()}"
        rule = cloudwatch.EventRule(
            name,
            description=f"GuardDuty: {band.severity}. Runbook: {route.runbook('security-finding')}",
            event_pattern=json.dumps(
                {
                    "source": ["aws.guardduty"],
                    "detail-type": ["GuardDuty Finding"],
                    "detail": {"severity": [{"numeric": [">=", band.least, "<", band.below]}]},
                }
            ),
            region=region,
            opts=self.child(),
        )
        cloudwatch.EventTarget(
            name, rule=rule.name, arn=route.topics.topic(band.severity), region=region, opts=self.child()
        )
