"""Private ways to AWS's own services: what has no business on the internet needs no way there."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2

from components.base import Component
from components.context import Context
from components.endpoint_policies import service_policy


@dataclass(frozen=True, slots=True)
class Service:
    """An AWS service with an interface endpoint: its name there, and in IAM actions."""

    name: str
    action_prefix: str
    why: str


SERVICES: tuple[Service, ...] = (
    Service("autoscaling", "autoscaling", "a rotation rolls the instances"),
    Service("backup", "backup", "the validation of a restore reports its result"),
    Service("ec2", "ec2", "agents read tags"),
    Service("ec2messages", "ec2messages", "Systems Manager's commands reach the instances"),
    Service("ecr.api", "ecr", "jobs find their image"),
    Service("ecr.dkr", "ecr", "jobs pull their image"),
    Service("elasticache", "elasticache", "the cache user's password rotates"),
    # GuardDuty makes this one by itself where it is missing, and then nobody owns it:
    # https://docs.aws.amazon.com/guardduty/latest/ug/runtime-monitoring-ec2-coverage.html
    Service("guardduty-data", "guardduty", "the runtime agent reports"),
    Service("kms", "kms", "data keys"),
    Service("logs", "logs", "logs"),
    Service("monitoring", "cloudwatch", "metrics"),
    Service("rds", "rds", "the master password rotates, dumps describe what they dump"),
    Service("secretsmanager", "secretsmanager", "secrets"),
    Service("sns", "sns", "notices"),
    Service("sqs", "sqs", "dead letters"),
    Service("ssm", "ssm", "parameters, and the instances' registration"),
    Service("ssmmessages", "ssmmessages", "Session Manager"),
    Service("sts", "sts", "identities"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointsArgs:
    """Where the endpoints are and who reaches them."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    """One a zone, so that no call crosses zones and a zone's loss is that zone's alone."""
    security_group_id: pulumi.Input[str]


class Endpoints(Component):
    """An interface endpoint for every service that something in the VPC calls.

    Guarantees that the services' ordinary names lead to the endpoints, and that only the account's
    own roles pass.
    """

    def __init__(
        self, name: str, context: Context, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:network:Endpoints", name, context, opts)
        for service in SERVICES:
            ec2.VpcEndpoint(
                f"{name}-{service.name.replace('.', '-')}",
                vpc_id=args.vpc_id,
                vpc_endpoint_type="Interface",
                service_name=f"com.amazonaws.{context.region}.{service.name}",
                subnet_ids=list(args.subnet_ids),
                security_group_ids=[args.security_group_id],
                private_dns_enabled=True,
                policy=service_policy(context, service.action_prefix),
                opts=self.child(),
            )
        self.register_outputs({})
