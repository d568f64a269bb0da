"""The Client VPN endpoint: the only way from people's computers into the VPC."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, ec2clientvpn, iam

from components.base import Component
from components.certificate import Certificate, CertificateArgs
from components.context import Context
from components.encryption import Key
from components.log_group import log_group

_BANNER = (
    "This network belongs to SyncUp. Only people who work on its operation may use it. "
    "Connections are logged."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class VpnArgs:
    """Who may connect, and what a connection reaches."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    """One a zone, so that the loss of one cuts off nobody."""
    security_group_id: pulumi.Input[str]
    client_cidr: str
    """The addresses given to clients, /22 to /12, apart from every network they reach."""
    bastion_cidr: str
    """The bastion's subnet, which is all that a connection may reach."""
    domain: str
    """The name in the endpoint's certificate."""
    hosted_zone_id: str
    saml_metadata: str
    """The identity provider's metadata document."""
    session_hours: int
    """After so many hours a client has to sign in again: 8, 10, 12 or 24."""
    key: Key
    """Encrypts the connection log."""
    log_retention_days: int


class Vpn(Component):
    """A VPN endpoint with federated sign-in.

    Guarantees: nobody connects without the identity provider's word, each connection is logged, and a
    client reaches the bastion's subnet alone; its other traffic stays on its own network.
    https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/federated-authentication.html
    """

    def __init__(
        self, name: str, context: Context, args: VpnArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:access:Vpn", name, context, opts)
        certificate = Certificate(
            f"{name}-server",
            context,
            CertificateArgs(domain=args.domain, hosted_zone_id=args.hosted_zone_id),
            opts=self.child(),
        )
        provider = iam.SamlProvider(
            f"{name}-identity-provider",
            name=context.name("vpn", limit=128),
            saml_metadata_document=args.saml_metadata,
            opts=self.child(),
        )
        logs = log_group(
            self,
            "connections",
            name=f"/{context.project}/{context.environment}/vpn-connections",
            key=args.key,
            retention_days=args.log_retention_days,
        )
        stream = cloudwatch.LogStream(
            f"{name}-connections", name="connections", log_group_name=logs.name, opts=self.child()
        )
        endpoint = ec2clientvpn.Endpoint(
            f"{name}-endpoint",
            description=f"People's way into {context.environment}",
            client_cidr_block=args.client_cidr,
            server_certificate_arn=certificate.arn,
            authentication_options=[
                ec2clientvpn.EndpointAuthenticationOptionArgs(
                    type="federated-authentication",
                    saml_provider_arn=provider.arn,
                    self_service_saml_provider_arn=provider.arn,
                )
            ],
            connection_log_options=ec2clientvpn.EndpointConnectionLogOptionsArgs(
                enabled=True, cloudwatch_log_group=logs.name, cloudwatch_log_stream=stream.name
            ),
            client_login_banner_options=ec2clientvpn.EndpointClientLoginBannerOptionsArgs(
                enabled=True, banner_text=_BANNER
            ),
            self_service_portal="enabled",
            split_tunnel=True,
            session_timeout_hours=args.session_hours,
            disconnect_on_session_timeout=True,
            security_group_ids=[args.security_group_id],
            vpc_id=args.vpc_id,
            opts=self.child(),
        )
        associations = [
            ec2clientvpn.NetworkAssociation(
                f"{name}-association-{number}",
                client_vpn_endpoint_id=endpoint.id,
                subnet_id=subnet_id,
                opts=self.child(),
            )
            for number, subnet_id in enumerate(args.subnet_ids)
        ]
        ec2clientvpn.AuthorizationRule(
            f"{name}-to-bastion",
            client_vpn_endpoint_id=endpoint.id,
            target_network_cidr=args.bastion_cidr,
            # Who may sign in at all is decided where people are assigned to the application at the
            # identity provider.
            authorize_all_groups=True,
            description="The bastion's subnet",
            opts=self.child(depends_on=associations),
        )
        self.endpoint_id = endpoint.id
        self.self_service_portal_url = endpoint.self_service_portal_url
        self.register_outputs(
            {"endpoint_id": self.endpoint_id, "self_service_portal_url": self.self_service_portal_url}
        )
