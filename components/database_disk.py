"""How full the databases' disks are, which RDS tells only in a log."""

import pulumi
from pulumi_aws import cloudwatch

from components.base import Component
from components.context import Context
from components.metrics import APPLICATION_NAMESPACE, DATABASE_DISK_USED


class DatabaseDisk(Component):
    """Turns enhanced monitoring's records into a metric: percent used, by instance.

    Storage grows by itself, so the percentage cannot be computed from free bytes and the settings.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring-Available-OS-Metrics.html
    """

    def __init__(
        self,
        name: str,
        context: Context,
        *,
        log_group_name: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("syncup:operations:DatabaseDisk", name, context, opts)
        cloudwatch.LogMetricFilter(
            f"{name}-used",
            name=context.name(name, limit=512),
            log_group_name=log_group_name,
            # The first file system is the data volume, where database and logs are.
            pattern='{ $.fileSys[0].mountPoint = "/rdsdbdata*" }',
            metric_transformation=cloudwatch.LogMetricFilterMetricTransformationArgs(
                namespace=APPLICATION_NAMESPACE,
                name=DATABASE_DISK_USED,
                value="$.fileSys[0].usedPercent",
                unit="Percent",
                dimensions={"DBInstanceIdentifier": "$.instanceID"},
            ),
            opts=self.child(),
        )
        self.register_outputs({})
