"""The maintenance window: patches, muted alarms, and the notice in good time.

RDS and ElastiCache take the same window from the layers. OpenSearch cannot: its off-peak window always
lasts ten hours (docs/maintenance.md).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pulumi
from pulumi_aws import cloudwatch, ssm

from components._datadog import datadog
from components.alarms import AlarmRoute, Severity
from components.base import Component
from components.context import Context
from components.datadog_monitors import tags
from components.encryption import Key
from components.function import Function, FunctionArgs
from components.iam import Statement
from components.log_group import log_group
from components.window import MaintenanceWindow

_MOST_MUTED = 100
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MuteTargets.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class MaintenanceArgs:
    """When, what, and who hears of it."""

    window: MaintenanceWindow
    notice: timedelta
    """How long before the start people are told."""
    team: Sequence[str]
    """Who is on duty: roles."""
    patch_tags: Mapping[str, str]
    """The instances that are patched in place: those that carry all of these tags. Application
    instances are not among them: they are replaced by new images, never changed."""
    muted_alarms: Sequence[str]
    """Names of the alarms that maintenance sets off."""
    notice_topic: pulumi.Input[str]
    notice_topic_name: str
    key: Key
    """Encrypts the topic, the function and the log of the patches."""
    route: AlarmRoute


class Maintenance(Component):
    """One window in the form of each service that follows it."""

    def __init__(
        self, name: str, context: Context, args: MaintenanceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:operations:Maintenance", name, context, opts)
        self._patch(args)
        self._mute(args)
        self._tell(args)
        self.register_outputs({})

    def _patch(self, args: MaintenanceArgs) -> None:
        """Systems Manager installs the operating system's approved patches, and reboots if need be.

        Which ones are approved is AWS' default baseline for the system: security patches, a week
        after they come out.
        https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-manager-predefined-and-custom-patch-baselines.html
        """
        name, context = self.pulumi_resource_name, self.context
        schedule = args.window.ssm()
        window = ssm.MaintenanceWindow(
            f"{name}-window",
            name=context.name(name, limit=128),
            description=f"Operations guide, Planned Maintenance: {args.window}",
            schedule=schedule.expression,
            schedule_timezone=schedule.time_zone,
            duration=schedule.duration_hours,
            cutoff=schedule.cutoff_hours,
            allow_unassociated_targets=False,
            opts=self.child(),
        )
        target = ssm.MaintenanceWindowTarget(
            f"{name}-instances",
            name=context.name(name, "instances", limit=128),
            window_id=window.id,
            resource_type="INSTANCE",
            targets=[
                ssm.MaintenanceWindowTargetTargetArgs(key=f"tag:{tag}", values=[value])
                for tag, value in args.patch_tags.items()
            ],
            opts=self.child(),
        )
        log = log_group(self, "log", name=f"/aws/ssm/{context.name(name)}", key=args.key)
        ssm.MaintenanceWindowTask(
            f"{name}-patches",
            name=context.name(name, "patches", limit=128),
            window_id=window.id,
            targets=[ssm.MaintenanceWindowTaskTargetArgs(key="WindowTargetIds", values=[target.id])],
            task_type="RUN_COMMAND",
            task_arn="AWS-RunPatchBaseline",
            priority=1,
            max_concurrency="1",
            max_errors="0",
            cutoff_behavior="CONTINUE_TASK",
            task_invocation_parameters=ssm.MaintenanceWindowTaskTaskInvocationParametersArgs(
                run_command_parameters=_install(log)
            ),
            opts=self.child(),
        )

    def _mute(self, args: MaintenanceArgs) -> None:
        """CloudWatch's alarms and Datadog's monitors keep their state and tell nobody."""
        if len(args.muted_alarms) > _MOST_MUTED:
            raise ValueError(
                f"{len(args.muted_alarms)} alarms are to be muted in the maintenance window, "
                f"CloudWatch mutes {_MOST_MUTED} by one rule"
            )
        name, context = self.pulumi_resource_name, self.context
        mute, recurrence = args.window.mute_schedule(), args.window.recurrence()
        cloudwatch.AlarmMuteRule(
            f"{name}-mute",
            name=context.name(name, limit=255),
            description=f"Operations guide, Planned Maintenance: {args.window}",
            mute_targets=cloudwatch.AlarmMuteRuleMuteTargetsArgs(alarm_names=list(args.muted_alarms)),
            rule=cloudwatch.AlarmMuteRuleRuleArgs(
                schedule=cloudwatch.AlarmMuteRuleRuleScheduleArgs(
                    expression=mute.expression, duration=mute.duration, timezone=mute.time_zone
                )
            ),
            opts=self.child(),
        )
        datadog.DowntimeSchedule(
            f"{name}-downtime",
            scope="*",
            monitor_identifier=datadog.DowntimeScheduleMonitorIdentifierArgs(
                monitor_tags=[*tags(context), "kind:alert"]
            ),
            recurring_schedule=datadog.DowntimeScheduleRecurringScheduleArgs(
                timezone=recurrence.time_zone,
                recurrences=[
                    datadog.DowntimeScheduleRecurringScheduleRecurrenceArgs(
                        rrule=recurrence.rrule, start=recurrence.start, duration=recurrence.duration
                    )
                ],
            ),
            display_timezone=recurrence.time_zone,
            message=f"Maintenance window: {args.window}",
            opts=self.child(),
        )

    def _tell(self, args: MaintenanceArgs) -> None:
        name, context = self.pulumi_resource_name, self.context
        function = Function(
            f"{name}-notice",
            context,
            FunctionArgs(
                source="maintenance_notice",
                description="Announces the next maintenance window",
                timeout_seconds=30,
                key=args.key,
                alarms=args.route,
                runbook="maintenance-notice",
                severity=Severity.MEDIUM,
                environment={"TOPIC_ARN": args.notice_topic},
                # The key that the function uses anyway is the topic's too.
                statements=[
                    Statement(actions=["sns:Publish"], resources=[context.arn("sns", args.notice_topic_name)])
                ],
            ),
            opts=self.child(),
        )
        schedule = args.window.notice(args.notice)
        function.on_schedule("schedule", schedule.expression, schedule.time_zone, _event(context, args))


def _event(context: Context, args: MaintenanceArgs) -> str:
    """What the notice says. The scheduler fills in the time, so that the function needs no clock.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    """
    return json.dumps(
        {
            "scheduled": "<aws.scheduler.scheduled-time>",
            "environment": context.environment,
            **args.window.as_text(),
            "notice_hours": args.notice // timedelta(hours=1),
            "team": list(args.team),
        }
    )


def _install(
    log: cloudwatch.LogGroup,
) -> ssm.MaintenanceWindowTaskTaskInvocationParametersRunCommandParametersArgs:
    parameters = {"Operation": "Install", "RebootOption": "RebootIfNeeded"}
    return ssm.MaintenanceWindowTaskTaskInvocationParametersRunCommandParametersArgs(
        timeout_seconds=3600,
        parameters=[
            ssm.MaintenanceWindowTaskTaskInvocationParametersRunCommandParametersParameterArgs(
                name=name, values=[value]
            )
            for name, value in parameters.items()
        ],
        cloudwatch_config=ssm.MaintenanceWindowTaskTaskInvocationParametersRunCommandParametersCloudwatchConfigArgs(
            cloudwatch_output_enabled=True, cloudwatch_log_group_name=log.name
        ),
    )
