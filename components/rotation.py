"""Rotation: for each secret that a machine can renew, the function that does it.

What runs in between is in `functions/rotate_*`; here is what the functions may do, where they run, when
they are called and who hears of a failure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import lambda_, secretsmanager

from components import ports, secrets
from components.alarms import AlarmRoute, Severity
from components.base import Component
from components.context import Context
from components.encryption import Key
from components.function import Function, FunctionArgs, VpcPlacement
from components.iam import Statement, secret_arn, use_key

_WINDOW = "3h"
_OWN = (
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
)
"""https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rotator:
    """A function that rotates one secret."""

    group: str
    """The secret, by its group."""
    source: str
    description: str
    also: tuple[str, ...] = ()
    """Further secrets that it writes."""
    reads: tuple[str, ...] = ()
    rolls: bool = True
    """Whether the application's instances have to read it anew."""


ROTATORS = (
    Rotator(
        group=secrets.MASTER,
        source="rotate_database_master",
        description="Sets the master password through RDS' API.",
        rolls=False,
    ),
    # The application's connection is what rotates: the idle one of its two users gets a new password, in
    # the database and in its own secret, from which the proxy knows it, and then takes over. The users'
    # secrets have no rotation of their own: the proxy could not try a pending password
    # (https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html).
    Rotator(
        group="database",
        source="rotate_database_users",
        description="Gives the idle database user a new password and makes it the application's.",
        also=(secrets.USER_A, secrets.USER_B),
        reads=(secrets.MASTER,),
    ),
    Rotator(
        group=secrets.CACHE,
        source="rotate_cache_user",
        description="Gives the cache user a second password and withdraws the one before the last.",
    ),
    Rotator(
        group="authentication",
        source="rotate_signing_secrets",
        description="Makes new signing secrets and keeps the previous ones valid.",
    ),
)
_SETUP = "database-setup"
_SET_UP_WITH = (secrets.MASTER, secrets.USER_A, secrets.USER_B)


@dataclass(frozen=True, kw_only=True, slots=True)
class RotationArgs:
    """What the functions reach and how often they are called."""

    arns: Mapping[str, pulumi.Input[str]]
    """ARNs of the secrets that rotate, by group."""
    every_days: int
    """Guide, Secrets Management: quarterly."""
    database_identifier: str
    """The active instance."""
    database_address: pulumi.Input[str]
    database_name: str
    proxy_endpoint: pulumi.Input[str]
    cache_user: str
    cache_endpoint: pulumi.Input[str]
    application_group: str
    """The Auto Scaling group whose instances read the secrets at their start."""
    signing_secrets: Sequence[str]
    """Names of the environment variables that the application signs with."""
    placement: VpcPlacement
    key: Key
    """Encrypts the functions' logs."""
    secrets_key: Key
    alarms: AlarmRoute


class Rotation(Component):
    """The rotation of every secret that a machine can renew, and the function that sets a database up.

    Guarantees that each function reaches its own secrets alone, that nothing rotates because of an
    `up`, and that a failed rotation rings.
    """

    def __init__(
        self, name: str, context: Context, args: RotationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:security:Rotation", name, context, opts)
        self._args = args
        for rotator in ROTATORS:
            self._rotate(rotator)
        self.setup = self._setup()
        self.register_outputs({"setup": self.setup.function_name})

    def _rotate(self, rotator: Rotator) -> None:
        args, context = self._args, self.context
        function = self._function(
            rotator.group,
            rotator.source,
            rotator.description,
            runbook="secret-rotation",
            statements=[
                Statement(actions=_OWN, resources=_named(context, rotator.group, *rotator.also)),
                *_reading(context, rotator.reads),
                *self._target(rotator),
                *(self._roll() if rotator.rolls else []),
                # Takes no resource:
                # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
                Statement(actions=["secretsmanager:GetRandomPassword"], resources=["*"]),
            ],
        )
        allowed = lambda_.Permission(
            f"{self.pulumi_resource_name}-{rotator.group}-permission",
            action="lambda:InvokeFunction",
            function=function.arn,
            principal="secretsmanager.amazonaws.com",
            # The account, not the secret, is what AWS's own instructions have the function ask for:
            # https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_turn-on-cli.html
            source_account=context.account_id,
            opts=self.child(),
        )
        secretsmanager.SecretRotation(
            f"{self.pulumi_resource_name}-{rotator.group}",
            secret_id=args.arns[rotator.group],
            rotation_lambda_arn=function.arn,
            # A new schedule is no reason to change a password.
            rotate_immediately=False,
            rotation_rules=secretsmanager.SecretRotationRotationRulesArgs(
                automatically_after_days=args.every_days, duration=_WINDOW
            ),
            opts=self.child(depends_on=[allowed]),
        )

    def _setup(self) -> Function:
        """Makes roles and extensions, after creation and after every restore; `syncup` calls it."""
        return self._function(
            _SETUP,
            "database_setup",
            "Makes the database's roles, extensions and heartbeat.",
            runbook="database-setup",
            statements=[
                *_reading(self.context, _SET_UP_WITH),
                # A restored generation knows the master password of its day, and is set up before it
                # is active.
                Statement(
                    actions=["rds:DescribeDBInstances", "rds:ModifyDBInstance"],
                    resources=[self.context.arn("rds", f"db:{self.context.name('g')}*")],
                ),
            ],
        )

    def _function(
        self, suffix: str, source: str, description: str, *, runbook: str, statements: Sequence[Statement]
    ) -> Function:
        args = self._args
        return Function(
            f"{self.pulumi_resource_name}-{suffix}",
            self.context,
            FunctionArgs(
                source=source,
                description=description,
                timeout_seconds=300,
                key=args.key,
                alarms=args.alarms,
                runbook=runbook,
                severity=Severity.HIGH,
                environment={
                    "SECRETS_PREFIX": f"{self.context.project}/{self.context.environment}",
                    "DATABASE_INSTANCE": args.database_identifier,
                    "DATABASE_NAME": args.database_name,
                    "DATABASE_ENDPOINT": _endpoint(args.database_address, ports.POSTGRESQL),
                    "PROXY_ENDPOINT": _endpoint(args.proxy_endpoint, ports.POSTGRESQL),
                    "CACHE_USER": args.cache_user,
                    "CACHE_ENDPOINT": _endpoint(args.cache_endpoint, ports.CACHE),
                    "APPLICATION_GROUP": args.application_group,
                    "SIGNING_SECRETS": ",".join(args.signing_secrets),
                },
                statements=[*statements, use_key(self.context, args.secrets_key.alias)],
                vpc=args.placement,
            ),
            opts=self.child(),
        )

    def _target(self, rotator: Rotator) -> list[Statement]:
        """What a rotator changes beside secrets."""
        context, args = self.context, self._args
        match rotator.group:
            case secrets.MASTER:
                instance = context.arn("rds", f"db:{args.database_identifier}")
                return [
                    Statement(
                        actions=["rds:DescribeDBInstances", "rds:ModifyDBInstance"], resources=[instance]
                    )
                ]
            case secrets.CACHE:
                user = context.arn("elasticache", f"user:{args.cache_user}")
                return [
                    Statement(
                        actions=["elasticache:DescribeUsers", "elasticache:ModifyUser"], resources=[user]
                    )
                ]
            case _:
                return []

    def _roll(self) -> list[Statement]:
        """To replace the instances, and to see whether the last replacement has reached all of them."""
        group = f"autoScalingGroup:*:autoScalingGroupName/{self._args.application_group}"
        return [
            Statement(
                actions=["autoscaling:StartInstanceRefresh"],
                resources=[self.context.arn("autoscaling", group)],
            ),
            # Descriptions take no resource:
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html
            Statement(
                actions=["autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances"], resources=["*"]
            ),
        ]


def readers(name: str, context: Context, *, proxy_role: str, restore_role: str) -> dict[str, tuple[str, ...]]:
    """By secret that no person needs, the ARNs of the only roles that have to read it.

    Args:
        name: of the `Rotation` component, whose functions these are.
        context: the environment.
        proxy_role: the ARN of the database proxy's role, which reads the application's users.
        restore_role: the ARN of the restore job's role, which logs in as the master user.
    """
    reading = [(rotator.group, (rotator.group, *rotator.also, *rotator.reads)) for rotator in ROTATORS]
    functions = [*reading, (_SETUP, _SET_UP_WITH)]
    return {
        group: (
            *(_role(name, context, suffix) for suffix, groups in functions if group in groups),
            restore_role if group == secrets.MASTER else proxy_role,
        )
        for group in _SET_UP_WITH
    }


def _endpoint(host: pulumi.Input[str], port: int) -> pulumi.Output[str]:
    return pulumi.Output.concat(host, ":", str(port))


def _role(name: str, context: Context, suffix: str) -> str:
    """A function's role carries the function's name."""
    return context.global_arn("iam", f"role/{context.name(f'{name}-{suffix}', limit=64)}")


def _named(context: Context, *groups: str) -> list[str]:
    return [secret_arn(context, context.secret_name(group)) for group in groups]


def _reading(context: Context, groups: Sequence[str]) -> list[Statement]:
    if not groups:
        return []
    return [Statement(actions=["secretsmanager:GetSecretValue"], resources=_named(context, *groups))]
