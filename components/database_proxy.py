"""The RDS Proxy: the one address of the database that the application knows, whichever instance is active."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import iam, rds

from components.base import Component
from components.context import Context
from components.encryption import Key
from components.iam import Statement, only_for, policy_document, secret_arn, trust_document, use_key
from components.log_group import log_group

_CONNECTIONS_PERCENT = 90
"""The rest is for people, set-up, rotation and dumps, which connect beside the proxy."""
_IDLE_CONNECTIONS_PERCENT = 50
_BORROW_TIMEOUT_SECONDS = 10
"""Well above a moment's contention, well below the load balancer's minute: who waits longer gets an error."""
_IDLE_CLIENT_SECONDS = 1800


@dataclass(frozen=True, kw_only=True, slots=True)
class ProxyArgs:
    """Where the proxy is, whom it lets in, and to which instance it leads."""

    target: pulumi.Input[str]
    """The active instance's identifier."""
    users: Mapping[str, pulumi.Input[str]]
    """ARNs of the secrets of the application's users, by the secrets' known names."""
    secrets_key: Key
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    log_key: Key
    log_retention_days: int


class DatabaseProxy(Component):
    """An RDS Proxy that takes TLS alone and reads nothing but the application users' secrets.

    Guarantees that making another instance active changes its target and nothing else.
    """

    def __init__(
        self, name: str, context: Context, args: ProxyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:data:DatabaseProxy", name, context, opts)
        self.proxy_name = proxy_name(context)
        self.log_group_name = f"/aws/rds/proxy/{self.proxy_name}"
        logs = log_group(
            self,
            "log",
            name=self.log_group_name,
            key=args.log_key,
            retention_days=args.log_retention_days,
        )
        role, permissions = self._role(args)
        proxy = rds.Proxy(
            f"{name}-proxy",
            name=self.proxy_name,
            engine_family="POSTGRESQL",
            role_arn=role.arn,
            auths=[
                rds.ProxyAuthArgs(
                    auth_scheme="SECRETS",
                    secret_arn=arn,
                    description=user,
                    iam_auth="DISABLED",
                    client_password_auth_type="POSTGRES_SCRAM_SHA_256",  # noqa: S106 (a method)
                )
                for user, arn in args.users.items()
            ],
            require_tls=True,
            # The log would hold the text of every query.
            debug_logging=False,
            idle_client_timeout=_IDLE_CLIENT_SECONDS,
            vpc_subnet_ids=list(args.subnet_ids),
            vpc_security_group_ids=[args.security_group_id],
            opts=self.child(depends_on=[permissions, logs]),
        )
        self.endpoint = proxy.endpoint
        group = rds.ProxyDefaultTargetGroup(
            f"{name}-targets",
            db_proxy_name=proxy.name,
            # No session pinning filters: AWS has them for MySQL alone.
            # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ConnectionPoolConfiguration.html
            connection_pool_config=rds.ProxyDefaultTargetGroupConnectionPoolConfigArgs(
                connection_borrow_timeout=_BORROW_TIMEOUT_SECONDS,
                max_connections_percent=_CONNECTIONS_PERCENT,
                max_idle_connections_percent=_IDLE_CONNECTIONS_PERCENT,
            ),
            opts=self.child(),
        )
        rds.ProxyTarget(
            f"{name}-target",
            db_proxy_name=proxy.name,
            target_group_name=group.name,
            db_instance_identifier=args.target,
            # A target group has room for one instance.
            # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.howitworks.html
            opts=self.child(delete_before_replace=True),
        )
        self.register_outputs({"proxy_name": self.proxy_name, "endpoint": self.endpoint})

    def _role(self, args: ProxyArgs) -> tuple[iam.Role, iam.RolePolicy]:
        name, context = self.pulumi_resource_name, self.context
        role = iam.Role(
            f"{name}-role",
            name=self.proxy_name,
            description="RDS Proxy reads the application's database users.",
            assume_role_policy=trust_document("rds.amazonaws.com", conditions=only_for(context)),
            opts=self.child(),
        )
        permissions = iam.RolePolicy(
            f"{name}-permissions",
            role=role.name,
            policy=policy_document(
                Statement(
                    actions=["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
                    resources=[secret_arn(context, user) for user in args.users],
                ),
                use_key(context, args.secrets_key.alias, "kms:Decrypt"),
            ),
            opts=self.child(),
        )
        return role, permissions


def proxy_name(context: Context) -> str:
    """The proxy's physical name, and its role's."""
    return context.name("database", "proxy")


def proxy_role_arn(context: Context) -> str:
    """The ARN of the proxy's role, for the policies of what it reads."""
    return context.global_arn("iam", f"role/{proxy_name(context)}")
