"""Log groups: encrypted, kept for a stated time, named in advance so that policies can name them."""

from pulumi_aws import cloudwatch

from components.base import Component
from components.encryption import Key


def log_group(
    parent: Component,
    suffix: str,
    *,
    name: str,
    key: Key,
    retention_days: int = 365,
    region: str | None = None,
) -> cloudwatch.LogGroup:
    """A CloudWatch log group.

    Args:
        parent: the component that logs.
        suffix: what the group is to the component: the end of its logical name.
        name: the physical name, which AWS services prescribe or a policy mentions.
        key: the key that encrypts it, of the same region.
        retention_days: one of the values that CloudWatch Logs accepts.
        region: where it is not the environment's.
    """
    return cloudwatch.LogGroup(
        f"{parent.pulumi_resource_name}-{suffix}",
        name=name,
        kms_key_id=key.arn,
        retention_in_days=retention_days,
        region=region,
        opts=parent.child(),
    )
