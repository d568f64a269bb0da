"""The internal load balancer: it has no public address, and only the edge reaches it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import lb, route53

from components import contract, ports
from components.base import Component
from components.bucket import BucketArgs, PrivateBucket
from components.certificate import Certificate, CertificateArgs
from components.context import Context
from components.iam import Statement

_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
"""TLS 1.3 and 1.2, forward secrecy and authenticated ciphers alone.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadBalancerArgs:
    """Where the load balancer stands and under which name it answers."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    domain: str
    """Its own name, which CloudFront asks for in the TLS handshake."""
    hosted_zone_id: str
    access_logs: PrivateBucket
    log_retention_days: int


class LoadBalancer(Component):
    """An application load balancer with one HTTPS listener and one target group.

    Guarantees: TLS 1.2 or newer, every request and every connection logged, malformed requests
    refused, and nothing on port 80, since CloudFront speaks HTTPS alone.

    Behind it the VPC carries plain HTTP. The load balancer does not check a target's certificate, so
    TLS there would prove nothing; that packets reach the right instance is the VPC's own guarantee.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
    """

    def __init__(
        self, name: str, context: Context, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:compute:LoadBalancer", name, context, opts)
        self.domain = args.domain
        logs = self._logs(args)
        balancer = lb.LoadBalancer(
            f"{name}-balancer",
            load_balancer_type="application",
            internal=True,
            subnets=list(args.subnet_ids),
            security_groups=[args.security_group_id],
            drop_invalid_header_fields=True,
            # CloudFront has already parsed each request, so what is ambiguous here is an attack.
            desync_mitigation_mode="strictest",
            enable_deletion_protection=context.protect,
            enable_zonal_shift=True,
            access_logs=lb.LoadBalancerAccessLogsArgs(bucket=logs.bucket, prefix="requests", enabled=True),
            connection_logs=lb.LoadBalancerConnectionLogsArgs(
                bucket=logs.bucket, prefix="connections", enabled=True
            ),
            # The load balancer writes a test object when logging is switched on. What AWS will refuse to
            # delete, Pulumi shall refuse first, before it has deleted anything else.
            opts=self.child(depends_on=[logs.policy], protect=context.protect),
        )
        targets = self._target_group(args)
        certificate = Certificate(
            f"{name}-certificate",
            context,
            CertificateArgs(domain=args.domain, hosted_zone_id=args.hosted_zone_id),
            opts=self.child(),
        )
        self.listener = lb.Listener(
            f"{name}-https",
            load_balancer_arn=balancer.arn,
            port=ports.HTTPS,
            protocol="HTTPS",
            ssl_policy=_TLS_POLICY,
            certificate_arn=certificate.arn,
            default_actions=[
                lb.ListenerDefaultActionArgs(type="forward", target_group_arn=targets.arn),
            ],
            opts=self.child(),
        )
        route53.Record(
            f"{name}-address",
            zone_id=args.hosted_zone_id,
            name=args.domain,
            type="A",
            aliases=[
                route53.RecordAliasArgs(
                    name=balancer.dns_name, zone_id=balancer.zone_id, evaluate_target_health=True
                )
            ],
            opts=self.child(),
        )
        self.arn = balancer.arn
        self.arn_suffix = balancer.arn_suffix
        self.dns_name = balancer.dns_name
        self.target_group_arn = targets.arn
        self.target_group_suffix = targets.arn_suffix
        self.register_outputs({"arn": self.arn, "dns_name": self.dns_name})

    def _logs(self, args: LoadBalancerArgs) -> PrivateBucket:
        """Load balancers write only to buckets with S3's own encryption.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
        """
        context = self.context
        bucket_name = context.bucket_name("lb-logs")
        prefixes = ("requests", "connections")
        arn = context.bucket_arn(bucket_name)
        writer = Statement(
            sid="LoadBalancerWritesLogs",
            actions=["s3:PutObject"],
            resources=[f"{arn}/{prefix}/AWSLogs/{context.account_id}/*" for prefix in prefixes],
            principals={"Service": ["logdelivery.elasticloadbalancing.amazonaws.com"]},
            conditions={"ArnLike": {"aws:SourceArn": context.arn("elasticloadbalancing", "loadbalancer/*")}},
        )
        return PrivateBucket(
            f"{self.pulumi_resource_name}-logs",
            context,
            BucketArgs(
                bucket_name=bucket_name,
                key=None,
                expire_after_days=args.log_retention_days,
                access_logs=args.access_logs,
                statements=[writer],
            ),
            opts=self.child(),
        )

    def _target_group(self, args: LoadBalancerArgs) -> lb.TargetGroup:
        return lb.TargetGroup(
            f"{self.pulumi_resource_name}-targets",
            vpc_id=args.vpc_id,
            target_type="instance",
            port=ports.APPLICATION,
            protocol="HTTP",
            protocol_version="HTTP1",
            # A streamed answer occupies an instance for long: the one with the fewest is next.
            load_balancing_algorithm_type="least_outstanding_requests",
            deregistration_delay=contract.DRAIN_SECONDS,
            health_check=lb.TargetGroupHealthCheckArgs(
                path=contract.HEALTH_PATH,
                protocol="HTTP",
                matcher="200",
                interval=10,
                timeout=5,
                healthy_threshold=2,
                unhealthy_threshold=3,
            ),
            # No state on an instance (docs/application-contract.md): any of them answers.
            stickiness=lb.TargetGroupStickinessArgs(type="lb_cookie", enabled=False),
            opts=self.child(),
        )
