"""Where logs are searched: an OpenSearch domain inside the VPC."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, opensearch

from components.alarms import AlarmRoute, Metric, Severity, metric_alarm
from components.base import Component
from components.context import Context
from components.encryption import Key
from components.iam import Statement, only_for, policy_document
from components.log_group import log_group
from components.search_nodes import spreads

_LOGS = {
    "audit": "AUDIT_LOGS",
    "application": "ES_APPLICATION_LOGS",
    "slow-searches": "SEARCH_SLOW_LOGS",
    "slow-indexing": "INDEX_SLOW_LOGS",
}
"""What the domain itself logs, by the end of the group's name."""
_FREE_SHARE = 0.25
"""Below it AWS advises to act; from 20 % or 20 GiB on the domain blocks writes.
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cloudwatch-alarms.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Watch:
    """One alarm on the domain."""

    suffix: str
    problem: str
    metric: str
    statistic: str = "Maximum"
    comparison: str = "GreaterThanOrEqualToThreshold"
    threshold: float = 1


_WATCHES = (
    _Watch(suffix="red", problem="Some logs have no node.", metric="ClusterStatus.red"),
    _Watch(suffix="writes-blocked", problem="No log is taken.", metric="ClusterIndexWritesBlocked"),
    _Watch(suffix="memory", problem="Memory runs out.", metric="JVMMemoryPressure", threshold=95),
    _Watch(suffix="key", problem="The key cannot be used.", metric="KMSKeyError"),
    _Watch(suffix="snapshot", problem="The snapshot failed.", metric="AutomatedSnapshotFailure"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchArgs:
    """How large the domain is, where it is and who administers it."""

    engine_version: str
    """`OpenSearch_2.19`."""
    instance_type: str
    data_nodes: int
    master_type: str
    master_nodes: int
    volume_gib: int
    """Of each data node."""
    subnet_ids: Sequence[pulumi.Input[str]]
    """One for each zone: two or three."""
    security_group_id: pulumi.Input[str]
    administrator_role_arn: str
    """The one role that may change who may do what inside the domain."""
    maintenance_window: str
    """RDS' spelling, `sun:02:00-sun:04:00` in UTC. The domain follows its time of day alone."""
    key: Key
    log_retention_days: int
    alarms: AlarmRoute

    def __post_init__(self) -> None:
        zones = len(self.subnet_ids)
        if not spreads(self.data_nodes, zones):
            raise ValueError(f"{self.data_nodes} data nodes cannot be spread over {zones} zones")


class Search(Component):
    """An encrypted domain over all zones, with masters of its own.

    Guarantees that a request comes from inside the VPC, over TLS, signed by a role of this account, and
    that the role has been mapped inside the domain. There are no passwords.

    The account needs OpenSearch's service-linked role first: AWS makes it in the console, but not for
    an API call, and there is one an account and not one an environment.
    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/slr-aos.html
    """

    def __init__(
        self, name: str, context: Context, args: SearchArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:operations:Search", name, context, opts)
        self._args = args
        self.domain_name = context.name(name, limit=28)
        self.domain_arn = context.arn("es", f"domain/{self.domain_name}")
        domain = self._domain()
        self.endpoint = pulumi.Output.concat("https://", domain.endpoint)
        self._watch()
        self.register_outputs({"domain_name": self.domain_name, "endpoint": self.endpoint})

    def _domain(self) -> opensearch.Domain:
        name, args = self.pulumi_resource_name, self._args
        hours, minutes = args.maintenance_window[4:9].split(":")
        published, permission = self._logs()
        return opensearch.Domain(
            f"{name}-domain",
            domain_name=self.domain_name,
            engine_version=args.engine_version,
            cluster_config=self._cluster(),
            ebs_options=opensearch.DomainEbsOptionsArgs(
                ebs_enabled=True, volume_type="gp3", volume_size=args.volume_gib
            ),
            vpc_options=opensearch.DomainVpcOptionsArgs(
                subnet_ids=list(args.subnet_ids), security_group_ids=[args.security_group_id]
            ),
            encrypt_at_rest=opensearch.DomainEncryptAtRestArgs(enabled=True, kms_key_id=args.key.arn),
            node_to_node_encryption=opensearch.DomainNodeToNodeEncryptionArgs(enabled=True),
            domain_endpoint_options=opensearch.DomainDomainEndpointOptionsArgs(
                enforce_https=True, tls_security_policy="Policy-Min-TLS-1-2-PFS-2023-10"
            ),
            access_policies=policy_document(self._roles_of_the_account()),
            advanced_security_options=opensearch.DomainAdvancedSecurityOptionsArgs(
                enabled=True,
                internal_user_database_enabled=False,
                master_user_options=opensearch.DomainAdvancedSecurityOptionsMasterUserOptionsArgs(
                    master_user_arn=args.administrator_role_arn
                ),
            ),
            log_publishing_options=published,
            auto_tune_options=opensearch.DomainAutoTuneOptionsArgs(
                desired_state="ENABLED", rollback_on_disable="NO_ROLLBACK", use_off_peak_window=True
            ),
            software_update_options=opensearch.DomainSoftwareUpdateOptionsArgs(
                auto_software_update_enabled=True
            ),
            # Ten hours of every day from this time on: there is no shorter or weekly window.
            # https://docs.aws.amazon.com/opensearch-service/latest/developerguide/off-peak.html
            off_peak_window_options=opensearch.DomainOffPeakWindowOptionsArgs(
                enabled=True,
                off_peak_window=opensearch.DomainOffPeakWindowOptionsOffPeakWindowArgs(
                    window_start_time=(
                        opensearch.DomainOffPeakWindowOptionsOffPeakWindowWindowStartTimeArgs(
                            hours=int(hours), minutes=int(minutes)
                        )
                    )
                ),
            ),
            opts=self.child(depends_on=[permission]),
        )

    def _cluster(self) -> opensearch.DomainClusterConfigArgs:
        args = self._args
        return opensearch.DomainClusterConfigArgs(
            instance_type=args.instance_type,
            instance_count=args.data_nodes,
            dedicated_master_enabled=True,
            dedicated_master_type=args.master_type,
            dedicated_master_count=args.master_nodes,
            zone_awareness_enabled=True,
            zone_awareness_config=opensearch.DomainClusterConfigZoneAwarenessConfigArgs(
                availability_zone_count=len(args.subnet_ids)
            ),
        )

    def _roles_of_the_account(self) -> Statement:
        """Leaves it to each role's own policy, and to its mapping inside, what it may do.

        Naming roles here would want them to exist before the domain that they are made for.
        https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
        """
        return Statement(
            actions=["es:ESHttp*"],
            resources=[f"{self.domain_arn}/*"],
            principals={"AWS": [self.context.global_arn("iam", "root")]},
        )

    def _logs(
        self,
    ) -> tuple[list[opensearch.DomainLogPublishingOptionArgs], cloudwatch.LogResourcePolicy]:
        """The groups that the domain logs to, and the permission to do so."""
        name, context, args = self.pulumi_resource_name, self.context, self._args
        prefix = f"/aws/opensearch/{self.domain_name}"
        published = [
            opensearch.DomainLogPublishingOptionArgs(
                log_type=log_type,
                cloudwatch_log_group_arn=log_group(
                    self,
                    kind,
                    name=f"{prefix}/{kind}",
                    key=args.key,
                    retention_days=args.log_retention_days,
                ).arn,
            )
            for kind, log_type in _LOGS.items()
        ]
        permission = cloudwatch.LogResourcePolicy(
            f"{name}-logs",
            policy_name=context.name(name, "logs"),
            policy_document=policy_document(
                Statement(
                    actions=["logs:CreateLogStream", "logs:PutLogEvents", "logs:PutLogEventsBatch"],
                    resources=[context.arn("logs", f"log-group:{prefix}/*")],
                    principals={"Service": ["es.amazonaws.com"]},
                    conditions=only_for(context, self.domain_arn),
                )
            ),
            opts=self.child(),
        )
        return published, permission

    def _watch(self) -> None:
        """What AWS recommends to watch. No user notices a broken search, so nobody is woken.

        https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cloudwatch-alarms.html
        """
        context, args = self.context, self._args
        low_mib = args.volume_gib * 1024 * _FREE_SHARE
        storage = _Watch(
            suffix="free-storage",
            problem="A node's disk is three quarters full.",
            metric="FreeStorageSpace",
            statistic="Minimum",
            comparison="LessThanThreshold",
            threshold=low_mib,
        )
        for watch in (*_WATCHES, storage):
            metric_alarm(
                self,
                watch.suffix,
                route=args.alarms,
                severity=Severity.MEDIUM,
                runbook="log-search",
                description=f"The domain {self.domain_name}: {watch.problem}",
                comparison=watch.comparison,
                threshold=watch.threshold,
                period_seconds=60,
                evaluation_periods=5,
                metric=Metric(
                    namespace="AWS/ES",
                    name=watch.metric,
                    statistic=watch.statistic,
                    dimensions={"DomainName": self.domain_name, "ClientId": context.account_id},
                ),
            )
