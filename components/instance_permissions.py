"""What an application instance may do.

The application itself may do none of it: its service is kept from the instance's credentials.
No Pulumi here.
"""

from collections.abc import Sequence

from components.context import Context
from components.iam import Statement, secret_arn, use_key
from components.managed_instance import managed_instance
from components.metric_sources import AGENT_NAMESPACE


def instance_permissions(
    context: Context,
    *,
    group_name: str,
    log_group_name: str,
    parameters_path: str,
    secrets: Sequence[str],
    secrets_key_alias: str,
    session_key_alias: str,
) -> Sequence[Statement]:
    """Permissions to be managed, to read the environment, to report, and to answer lifecycle hooks.

    Args:
        context: the environment.
        group_name: of the Auto Scaling group.
        log_group_name: where the application's log goes.
        parameters_path: the path in Parameter Store of the application's settings.
        secrets: names of the secrets that the application reads.
        secrets_key_alias: of the key that encrypts them.
        session_key_alias: of the key that encrypts break-glass sessions.
    """
    parameters = context.arn("ssm", f"parameter{parameters_path}")
    group = context.arn("autoscaling", f"autoScalingGroup:*:autoScalingGroupName/{group_name}")
    return (
        *managed_instance(context, session_key_alias),
        Statement(
            sid="ReadSecrets",
            actions=["secretsmanager:GetSecretValue"],
            resources=[secret_arn(context, secret) for secret in secrets],
        ),
        use_key(context, secrets_key_alias, "kms:Decrypt"),
        Statement(
            sid="ReadParameters",
            actions=["ssm:GetParametersByPath"],
            resources=[parameters, f"{parameters}/*"],
        ),
        Statement(
            sid="WriteLogs",
            actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources=[context.arn("logs", f"log-group:{log_group_name}:*")],
        ),
        # Metrics know no resource, but a namespace:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
        Statement(
            sid="PublishMetrics",
            actions=["cloudwatch:PutMetricData"],
            conditions={"StringEquals": {"cloudwatch:namespace": AGENT_NAMESPACE}},
        ),
        # The agent finds the name of its group among its instance's tags. Descriptions take no
        # resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
        Statement(sid="FindGroup", actions=["ec2:DescribeTags"]),
        Statement(sid="AnswerHooks", actions=["autoscaling:CompleteLifecycleAction"], resources=[group]),
    )
