"""Datadog's view into the account: a role that it assumes, and what it may fetch with it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import iam

from components._datadog import datadog
from components.base import Component
from components.context import Context
from components.iam import Statement, policy_document

_DATADOG_ACCOUNTS: Final = {
    "datadoghq.com": "464622532012",
    "us3.datadoghq.com": "464622532012",
    "us5.datadoghq.com": "464622532012",
    "datadoghq.eu": "464622532012",
    "ap1.datadoghq.com": "417141415827",
    "ap2.datadoghq.com": "412381753143",
}
"""By site, Datadog's own AWS account. The site for the US government is let in by other means.
https://docs.datadoghq.com/integrations/guide/aws-manual-setup/"""
_NAMESPACES: Final = (
    "AWS/ApplicationELB",
    "AWS/AutoScaling",
    "AWS/CloudFront",
    "AWS/EC2",
    "AWS/ES",
    "AWS/ElastiCache",
    "AWS/Lambda",
    "AWS/NATGateway",
    "AWS/RDS",
    "AWS/SQS",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DatadogIntegrationArgs:
    """How Datadog is let in."""

    site: str
    """`datadoghq.com`, …."""
    external_id: str
    """Datadog generated it, in its list of AWS accounts. No secret, but nobody else's: it is what keeps
    other customers of Datadog from naming this role. In the settings, so that the trust policy is
    known before anything exists."""
    regions: Sequence[str]

    def __post_init__(self) -> None:
        if self.site not in _DATADOG_ACCOUNTS:
            raise ValueError(f"Datadog's site {self.site} has no AWS account to let in by a role")


class DatadogIntegration(Component):
    """Datadog's AWS integration: metrics of the services in use, and the tags to tell them apart.

    Guarantees that Datadog reads no content: names, tags and measures, no objects, logs or traces.
    """

    def __init__(
        self,
        name: str,
        context: Context,
        args: DatadogIntegrationArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("syncup:operations:DatadogIntegration", name, context, opts)
        role = iam.Role(
            f"{name}-role",
            name=context.name(name, limit=64),
            description="Datadog reads metrics and tags",
            assume_role_policy=_trust(context, args),
            opts=self.child(),
        )
        permissions = iam.RolePolicy(
            f"{name}-permissions", role=role.name, policy=policy_document(_reading()), opts=self.child()
        )
        datadog.aws.IntegrationAccount(
            f"{name}-account",
            aws_account_id=context.account_id,
            aws_partition=context.partition,
            auth_config=datadog.aws.IntegrationAccountAuthConfigArgs(
                aws_auth_config_role=datadog.aws.IntegrationAccountAuthConfigAwsAuthConfigRoleArgs(
                    role_name=role.name, external_id=args.external_id
                )
            ),
            aws_regions=datadog.aws.IntegrationAccountAwsRegionsArgs(
                include_onlies=sorted(set(args.regions))
            ),
            metrics_config=datadog.aws.IntegrationAccountMetricsConfigArgs(
                enabled=True,
                # Alarms page by their own path; what the application publishes goes to the agent.
                collect_cloudwatch_alarms=False,
                collect_custom_metrics=False,
                # An instance that a release replaces is no silence.
                automute_enabled=True,
                namespace_filters=datadog.aws.IntegrationAccountMetricsConfigNamespaceFiltersArgs(
                    include_onlies=list(_NAMESPACES)
                ),
            ),
            # The provider wants the blocks even where they say nothing.
            logs_config=datadog.aws.IntegrationAccountLogsConfigArgs(
                lambda_forwarder=datadog.aws.IntegrationAccountLogsConfigLambdaForwarderArgs()
            ),
            resources_config=datadog.aws.IntegrationAccountResourcesConfigArgs(
                cloud_security_posture_management_collection=False, extended_collection=False
            ),
            traces_config=datadog.aws.IntegrationAccountTracesConfigArgs(
                xray_services=datadog.aws.IntegrationAccountTracesConfigXrayServicesArgs(include_onlies=[])
            ),
            account_tags=[f"project:{context.project}", f"environment:{context.environment}"],
            opts=self.child(depends_on=[permissions]),
        )
        self.register_outputs({})


def _trust(context: Context, args: DatadogIntegrationArgs) -> str:
    account = _DATADOG_ACCOUNTS[args.site]
    statement = Statement(
        actions=["sts:AssumeRole"],
        principals={"AWS": [f"arn:{context.partition}:iam::{account}:root"]},
        conditions={"StringEquals": {"sts:ExternalId": args.external_id}},
    )
    return json.dumps({"Version": "2012-10-17", "Statement": [statement.as_dict(with_resource=False)]})


def _reading() -> Statement:
    """Lists, descriptions and measures. None of these calls knows resources.

    https://docs.datadoghq.com/integrations/amazon_web_services/#aws-iam-permissions and the services'
    own tables, such as
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
    """
    return Statement(
        actions=[
            "autoscaling:DescribeAutoScalingGroups",
            "cloudfront:ListDistributions",
            "cloudwatch:GetMetricData",
            "cloudwatch:ListMetrics",
            "ec2:DescribeInstances",
            "ec2:DescribeInstanceStatus",
            "ec2:DescribeNatGateways",
            "ec2:DescribeRegions",
            "ec2:DescribeVolumes",
            "elasticache:DescribeCacheClusters",
            "elasticache:DescribeReplicationGroups",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
            "es:DescribeDomains",
            "es:ListDomainNames",
            "lambda:ListFunctions",
            "rds:DescribeDBInstances",
            "rds:DescribeDBProxies",
            "sqs:ListQueues",
            "tag:GetResources",
            "tag:GetTagKeys",
            "tag:GetTagValues",
        ],
        resources=["*"],
    )
