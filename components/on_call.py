"""On call: who is paged, in which order, and what reaches the pager."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pulumi
import pulumi_pagerduty as pagerduty
from pulumi_aws import sns

from components._datadog import datadog
from components.alarms import AlarmTopics, Severity
from components.base import Component
from components.context import Context
from components.escalation import delays

_CLOUDWATCH_VENDOR: Final = "PZQ6AUS"
"""PagerDuty's own identifier of Amazon CloudWatch among its vendors, the same for every account."""
_DATADOG_VENDOR: Final = "PAM4FGS"
_DAY_SECONDS: Final = 86400
_ACKNOWLEDGED_FOR: Final = timedelta(minutes=30)
_TIMES_THROUGH: Final = 9
"""The most that PagerDuty allows: nobody answering is no reason to stop asking."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """One level of the guide's On-Call Escalation."""

    name: str
    """`L1`."""
    role: str
    """`On-call engineer`."""
    after_minutes: int
    """Since the alert."""
    people: Sequence[str]
    """PagerDuty's identifiers of users, in the order of the rotation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rotation:
    """How the people of a level take turns."""

    time_zone: str
    start: str
    """When the first person's first turn begins: ISO 8601."""
    days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RegionalTopics:
    """The topics of one region."""

    region: str
    topics: AlarmTopics


@dataclass(frozen=True, kw_only=True, slots=True)
class OnCallArgs:
    """Who is called, and for what."""

    levels: Sequence[Level]
    rotation: Rotation
    paging: Mapping[Severity, bool]
    """Whether a severity wakes people up."""
    topics: Mapping[str, RegionalTopics]
    """The topics whose alarms reach the pager, by what the region is to the environment."""


class OnCall(Component):
    """PagerDuty: a schedule a level, one escalation, a service a severity.

    An alarm reaches the pager by one path, its severity's topic. Only severities that page are
    connected; the services of the others take incidents that people open, with low urgency.
    """

    def __init__(
        self, name: str, context: Context, args: OnCallArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:operations:OnCall", name, context, opts)
        self._prefix = f"SyncUp {context.environment}"
        schedules = {level.name: self._schedule(level, args.rotation) for level in args.levels}
        self._backup(args.levels[0], args.rotation)
        policy = self._policy(args.levels, schedules)
        self.service_ids: dict[Severity, pulumi.Output[str]] = {}
        for severity in Severity:
            pages = args.paging[severity]
            service = self._service(severity.lower(), f"{severity} incidents", policy, urgent=pages)
            self.service_ids[severity] = service.id
            if pages:
                self._connect(severity, service, args.topics)
        self.silence_handle = self._let_datadog_page(policy)
        self.register_outputs({})

    def _schedule(self, level: Level, rotation: Rotation) -> pagerduty.Schedule:
        return self._turns(level.name.lower(), f"{level.name} {level.role}", level.people, rotation)

    def _backup(self, level: Level, rotation: Rotation) -> None:
        """Who is next: the guide's backup in maintenance windows. Nobody is paged by it."""
        if len(level.people) > 1:
            shifted = [*level.people[1:], level.people[0]]
            self._turns("backup", f"Backup of the {level.role.lower()}", shifted, rotation)

    def _turns(
        self, suffix: str, title: str, people: Sequence[str], rotation: Rotation
    ) -> pagerduty.Schedule:
        return pagerduty.Schedule(
            f"{self.pulumi_resource_name}-{suffix}",
            name=f"{self._prefix} {title}",
            description=f"Operations guide, On-Call Escalation: {title}.",
            time_zone=rotation.time_zone,
            layers=[
                pagerduty.ScheduleLayerArgs(
                    name="Rotation",
                    start=rotation.start,
                    rotation_virtual_start=rotation.start,
                    rotation_turn_length_seconds=rotation.days * _DAY_SECONDS,
                    users=list(people),
                )
            ],
            opts=self.child(),
        )

    def _policy(
        self, levels: Sequence[Level], schedules: Mapping[str, pagerduty.Schedule]
    ) -> pagerduty.EscalationPolicy:
        steps = zip(levels, delays([level.after_minutes for level in levels]), strict=True)
        return pagerduty.EscalationPolicy(
            f"{self.pulumi_resource_name}-escalation",
            name=f"{self._prefix} escalation",
            description="Operations guide, On-Call Escalation.",
            num_loops=_TIMES_THROUGH,
            rules=[
                pagerduty.EscalationPolicyRuleArgs(
                    escalation_delay_in_minutes=delay,
                    targets=[
                        pagerduty.EscalationPolicyRuleTargetArgs(
                            type="schedule_reference", id=schedules[level.name].id
                        )
                    ],
                )
                for level, delay in steps
            ],
            opts=self.child(),
        )

    def _service(
        self, suffix: str, title: str, policy: pagerduty.EscalationPolicy, *, urgent: bool
    ) -> pagerduty.Service:
        """A service whose incidents stay open until they are resolved.

        The guide escalates what is not resolved. PagerDuty stops at an acknowledgement, so that one
        lapses after half an hour and the incident rings again.
        """
        return pagerduty.Service(
            f"{self.pulumi_resource_name}-{suffix}",
            name=f"{self._prefix} {title}",
            escalation_policy=policy.id,
            acknowledgement_timeout=str(int(_ACKNOWLEDGED_FOR.total_seconds())) if urgent else "null",
            auto_resolve_timeout="null",
            alert_creation="create_alerts_and_incidents",
            incident_urgency_rule=pagerduty.ServiceIncidentUrgencyRuleArgs(
                type="constant", urgency="high" if urgent else "low"
            ),
            opts=self.child(),
        )

    def _connect(
        self, severity: Severity, service: pagerduty.Service, topics: Mapping[str, RegionalTopics]
    ) -> None:
        """Alarms reach the service by SNS, which PagerDuty confirms and reads by itself.

        https://www.pagerduty.com/docs/guides/aws-cloudwatch-integration-guide/
        """
        name = f"{self.pulumi_resource_name}-{severity.lower()}"
        integration = pagerduty.ServiceIntegration(
            f"{name}-cloudwatch",
            name="Amazon CloudWatch",
            service=service.id,
            vendor=_CLOUDWATCH_VENDOR,
            opts=self.child(),
        )
        # Whoever has the key can page.
        key = pulumi.Output.secret(integration.integration_key)
        endpoint = pulumi.Output.concat("https://events.pagerduty.com/integration/", key, "/enqueue")
        for place, regional in topics.items():
            sns.TopicSubscription(
                f"{name}-{place}",
                topic=regional.topics.topic(severity),
                protocol="https",
                endpoint=endpoint,
                endpoint_auto_confirms=True,
                region=regional.region,
                opts=self.child(),
            )

    def _let_datadog_page(self, policy: pagerduty.EscalationPolicy) -> pulumi.Output[str]:
        """A service of its own for what Datadog alone can see, and how its messages call it."""
        service = self._service("silence", "monitoring is silent", policy, urgent=True)
        integration = pagerduty.ServiceIntegration(
            f"{self.pulumi_resource_name}-silence-datadog",
            name="Datadog",
            service=service.id,
            vendor=_DATADOG_VENDOR,
            opts=self.child(),
        )
        bridge = datadog.pagerduty.ServiceObject(
            f"{self.pulumi_resource_name}-silence-bridge",
            service_name=self.context.name("silence"),
            service_key=integration.integration_key,
            opts=self.child(),
        )
        # The identifier is the service's name; taking it from there makes the monitors wait for it.
        return pulumi.Output.concat("@pagerduty-", bridge.id)
