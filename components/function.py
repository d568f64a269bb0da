"""A function that AWS runs, with everything that it needs to be trusted.

Its own role, log group, dead-letter queue, error alarm and concurrency: what fails is kept, seen
and cannot spread.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_aws import cloudwatch, iam, lambda_, scheduler, sqs

from components import archives
from components.alarms import AlarmRoute, Metric, Severity, metric_alarm
from components.base import Component
from components.context import Context
from components.encryption import Key
from components.iam import Statement, only_for, policy_document, trust_document, use_key
from components.log_group import log_group

_RUNTIME = "python3.13"
_FOURTEEN_DAYS_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class VpcPlacement:
    """Where a function that reaches into the VPC runs."""

    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionArgs:
    """What the function is and what it may do."""

    source: str
    """The folder below `functions/` with `handler.py`, in which `handler(event, context)` is."""
    description: str
    timeout_seconds: int
    key: Key
    """Encrypts its logs, its environment and what it failed on."""
    alarms: AlarmRoute
    runbook: str
    """The page to read when it fails."""
    severity: Severity = Severity.HIGH
    memory_mib: int = 256
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Never a secret: names of secrets, from which the function reads them."""
    statements: Sequence[Statement] = ()
    """What it may do beside logging."""
    vpc: VpcPlacement | None = None
    reserved_concurrency: int = 1


class Function(Component):
    """A Lambda function that is encrypted, traced, bounded and watched.

    Guarantees that an invocation which failed for good is kept for 14 days in the dead-letter queue
    and raises an alarm.
    """

    def __init__(
        self, name: str, context: Context, args: FunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:compute:Function", name, context, opts)
        self.function_name = context.name(name, limit=64)
        self.known_arn = context.arn("lambda", f"function:{self.function_name}")
        self.role_name = self.function_name
        self.role_arn = role_arn(context, name)
        log_group_name = f"/aws/lambda/{self.function_name}"
        logs = log_group(self, "logs", name=log_group_name, key=args.key)
        letters = sqs.Queue(
            f"{name}-dead-letters",
            name=self.function_name,
            kms_master_key_id=args.key.arn,
            message_retention_seconds=_FOURTEEN_DAYS_SECONDS,
            opts=self.child(),
        )
        role = iam.Role(
            f"{name}-role",
            name=self.role_name,
            description=args.description,
            assume_role_policy=trust_document("lambda.amazonaws.com", conditions=only_for(context)),
            opts=self.child(),
        )
        permissions = iam.RolePolicy(
            f"{name}-permissions",
            role=role.name,
            policy=policy_document(*self._statements(args, log_group_name)),
            opts=self.child(),
        )
        function = lambda_.Function(
            f"{name}-function",
            name=self.function_name,
            description=args.description,
            runtime=_RUNTIME,
            architectures=["arm64"],
            handler="handler.handler",
            code=pulumi.FileArchive(archives.archive(args.source)),
            role=role.arn,
            timeout=args.timeout_seconds,
            memory_size=args.memory_mib,
            reserved_concurrent_executions=args.reserved_concurrency,
            kms_key_arn=args.key.arn,
            environment=(
                lambda_.FunctionEnvironmentArgs(variables=dict(args.environment))
                if args.environment
                else None
            ),
            dead_letter_config=lambda_.FunctionDeadLetterConfigArgs(target_arn=letters.arn),
            tracing_config=lambda_.FunctionTracingConfigArgs(mode="Active"),
            logging_config=lambda_.FunctionLoggingConfigArgs(log_format="JSON", log_group=logs.name),
            vpc_config=(
                lambda_.FunctionVpcConfigArgs(
                    subnet_ids=list(args.vpc.subnet_ids),
                    security_group_ids=list(args.vpc.security_group_ids),
                )
                if args.vpc
                else None
            ),
            # IAM is eventually consistent: a function without its permissions yet would be refused.
            opts=self.child(depends_on=[permissions]),
        )
        self.arn = function.arn
        self._watch(args)
        self.register_outputs({"arn": self.arn, "function_name": self.function_name})

    def allow(self, suffix: str, service: str, source_arn: str) -> lambda_.Permission:
        """Lets an AWS service invoke the function on behalf of one resource of this account."""
        return lambda_.Permission(
            f"{self.pulumi_resource_name}-{suffix}",
            action="lambda:InvokeFunction",
            function=self.arn,
            principal=service,
            source_arn=source_arn,
            source_account=self.context.account_id,
            opts=self.child(),
        )

    def on_event(
        self,
        component: Component,
        suffix: str,
        *,
        permission: str,
        description: str,
        pattern: Mapping[str, object],
    ) -> None:
        """Invokes the function when something happens in the account that EventBridge tells.

        Args:
            component: whose the rule is.
            suffix: the end of the rule's name.
            permission: the end of the permission's name.
            description: what happens, in a sentence.
            pattern: of the events: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
        """
        name, context = f"{component.pulumi_resource_name}-{suffix}", self.context
        rule_name = context.name(component.pulumi_resource_name, suffix, limit=64)
        rule = cloudwatch.EventRule(
            name,
            name=rule_name,
            description=description,
            event_pattern=json.dumps(pattern),
            opts=component.child(),
        )
        allowed = self.allow(permission, "events.amazonaws.com", context.arn("events", f"rule/{rule_name}"))
        cloudwatch.EventTarget(
            f"{name}-target", rule=rule.name, arn=self.arn, opts=component.child(depends_on=[allowed])
        )

    def on_schedule(
        self, suffix: str, expression: str, time_zone: str = "UTC", payload: str | None = None
    ) -> scheduler.Schedule:
        """Invokes the function by the clock.

        Args:
            suffix: what the schedule is to the function.
            expression: `cron(…)` or `rate(…)` as EventBridge Scheduler takes it.
            time_zone: an IANA name; the cron expression is read in it, daylight saving included.
            payload: the event as JSON.
        """
        name, context = f"{self.pulumi_resource_name}-{suffix}", self.context
        schedule_name = context.name(name, limit=64)
        role = iam.Role(
            f"{name}-role",
            name=schedule_name,
            # The group, not the schedule: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
            assume_role_policy=trust_document(
                "scheduler.amazonaws.com",
                conditions=only_for(context, context.arn("scheduler", "schedule-group/default")),
            ),
            opts=self.child(),
        )
        permissions = iam.RolePolicy(
            f"{name}-permissions",
            role=role.name,
            policy=policy_document(Statement(actions=["lambda:InvokeFunction"], resources=[self.known_arn])),
            opts=self.child(),
        )
        return scheduler.Schedule(
            name,
            name=schedule_name,
            schedule_expression=expression,
            schedule_expression_timezone=time_zone,
            flexible_time_window=scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=scheduler.ScheduleTargetArgs(
                arn=self.arn, role_arn=role.arn, input=payload or json.dumps({})
            ),
            opts=self.child(depends_on=[permissions]),
        )

    def _statements(self, args: FunctionArgs, log_group_name: str) -> list[Statement]:
        context = self.context
        logs = context.arn("logs", f"log-group:{log_group_name}:*")
        statements = [
            Statement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[logs]),
            Statement(actions=["sqs:SendMessage"], resources=[context.arn("sqs", self.function_name)]),
            use_key(context, args.key.alias),
            # X-Ray knows no resources:
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
            Statement(actions=["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources=["*"]),
            *args.statements,
        ]
        if args.vpc is not None:
            statements += _network_interfaces(context)
        return statements

    def _watch(self, args: FunctionArgs) -> None:
        metric_alarm(
            self,
            "errors",
            route=args.alarms,
            severity=args.severity,
            runbook=args.runbook,
            description=f"The function {self.function_name} fails.",
            comparison="GreaterThanThreshold",
            threshold=0,
            period_seconds=300,
            evaluation_periods=1,
            missing_data="notBreaching",
            metric=Metric(
                namespace="AWS/Lambda",
                name="Errors",
                statistic="Sum",
                dimensions={"FunctionName": self.function_name},
            ),
        )
        metric_alarm(
            self,
            "dead-letters-waiting",
            route=args.alarms,
            severity=args.severity,
            runbook=args.runbook,
            description=f"Events that {self.function_name} gave up on wait in its dead-letter queue.",
            comparison="GreaterThanThreshold",
            threshold=0,
            period_seconds=300,
            evaluation_periods=1,
            missing_data="notBreaching",
            metric=Metric(
                namespace="AWS/SQS",
                name="ApproximateNumberOfMessagesVisible",
                statistic="Maximum",
                dimensions={"QueueName": self.function_name},
            ),
        )


def role_arn(context: Context, name: str) -> str:
    """The ARN of a function's role by the function's logical name, for whoever is declared before it."""
    return context.global_arn("iam", f"role/{context.name(name, limit=64)}")


def _network_interfaces(context: Context) -> list[Statement]:
    """What Lambda itself does with the function's role to put it into a VPC.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html. The function's own code is
    refused the same calls, as that page advises.
    """
    own = [context.arn("ec2", f"{kind}/*") for kind in ("network-interface", "subnet", "security-group")]
    create = ["ec2:CreateNetworkInterface"]
    change = [
        "ec2:DeleteNetworkInterface",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
    ]
    # EC2's descriptions take no resource:
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
    describe = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"]
    return [
        Statement(actions=create, resources=own),
        Statement(actions=change, resources=[own[0]]),
        Statement(actions=describe, resources=["*"]),
        Statement(
            effect="Deny",
            actions=[*create, *change],
            resources=["*"],
            conditions={"ArnLike": {"lambda:SourceFunctionArn": context.arn("lambda", "function:*")}},
        ),
    ]
