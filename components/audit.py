"""What watches the account itself. Each control runs here or is left to the organisation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import accessanalyzer, inspector2

from components.account_defaults import AccountDefaults, AccountDefaultsArgs
from components.alarms import AlarmRoute
from components.base import Component
from components.bucket import PrivateBucket
from components.configuration_history import ConfigurationHistory, ConfigurationHistoryArgs
from components.context import Context
from components.encryption import Key
from components.security_hub import SecurityHub
from components.threat_detection import ThreatDetection, ThreatDetectionArgs
from components.trail import Trail, TrailArgs


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditArgs:
    """Which controls run here; where one is False, the organisation runs it."""

    trail: bool
    threat_detection: bool
    security_hub: bool
    access_analyzer: bool
    configuration_history: bool
    vulnerability_scan: bool
    account_defaults: bool
    logs_key: Key
    """Encrypts the trail and the configuration history."""
    volume_keys: Mapping[str, Key]
    """By region, the key of volumes that name none."""
    access_logs: PrivateBucket
    log_retention_days: int
    alarms: Mapping[str, AlarmRoute]
    """By region: the environment's, the recovery region and the global one."""


class Audit(Component):
    """The account's controls, in every region that the environment uses.

    The trail covers all regions of the account. The others watch the regions in `alarms`; where nothing
    of the environment can run is for the organisation to close.
    """

    def __init__(
        self, name: str, context: Context, args: AuditArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:audit:Audit", name, context, opts)
        self._regions = tuple(args.alarms)
        if args.trail:
            self._trail(args)
        if args.threat_detection:
            ThreatDetection(
                f"{name}-threats", context, ThreatDetectionArgs(alarms=args.alarms), opts=self.child()
            )
        if args.configuration_history:
            self._record(args)
        if args.security_hub:
            SecurityHub(f"{name}-hub", context, regions=self._regions, opts=self.child())
        if args.access_analyzer:
            self._analyze_access()
        if args.vulnerability_scan:
            self._scan(("EC2", "LAMBDA"))
        if args.account_defaults:
            AccountDefaults(
                f"{name}-defaults",
                context,
                AccountDefaultsArgs(regions=self._regions, volume_keys=args.volume_keys),
                opts=self.child(),
            )
        self.register_outputs({})

    def _trail(self, args: AuditArgs) -> None:
        Trail(
            f"{self.pulumi_resource_name}-trail",
            self.context,
            TrailArgs(
                key=args.logs_key,
                access_logs=args.access_logs,
                log_retention_days=args.log_retention_days,
                alarms=args.alarms[self.context.region],
            ),
            opts=self.child(),
        )

    def _record(self, args: AuditArgs) -> None:
        ConfigurationHistory(
            f"{self.pulumi_resource_name}-history",
            self.context,
            ConfigurationHistoryArgs(regions=self._regions, key=args.logs_key, access_logs=args.access_logs),
            opts=self.child(),
        )

    def _analyze_access(self) -> None:
        """What is shared with somebody outside the account (CIS 1.20)."""
        for region in self._regions:
            accessanalyzer.Analyzer(
                f"{self.pulumi_resource_name}-access-{region}",
                analyzer_name=self.context.name("outside-access", limit=255),
                type="ACCOUNT",
                region=region,
                opts=self.child(),
            )

    def _scan(self, resource_types: Sequence[str]) -> None:
        """Inspector: known vulnerabilities in what runs."""
        for region in self._regions:
            inspector2.Enabler(
                f"{self.pulumi_resource_name}-scan-{region}",
                account_ids=[self.context.account_id],
                resource_types=list(resource_types),
                region=region,
                opts=self.child(),
            )
