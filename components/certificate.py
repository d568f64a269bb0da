"""A public TLS certificate that is proven by a DNS record and renews itself."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import acm, route53

from components.base import Component
from components.context import Context


@dataclass(frozen=True, kw_only=True, slots=True)
class CertificateArgs:
    """For which name, proven in which zone."""

    domain: str
    hosted_zone_id: str
    region: str | None = None
    """Where it is used, where that is not the environment's region."""


class Certificate(Component):
    """A certificate of AWS Certificate Manager.

    Guarantees that whoever takes its ARN waits until it is issued.
    """

    def __init__(
        self, name: str, context: Context, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:network:Certificate", name, context, opts)
        certificate = acm.Certificate(
            f"{name}-certificate",
            domain_name=args.domain,
            validation_method="DNS",
            # Client VPN takes no other: https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/mutual.html
            key_algorithm="RSA_2048",
            region=args.region,
            opts=self.child(),
        )
        proof = certificate.domain_validation_options[0]
        proof_name = proof.resource_record_name.apply(str)
        record = route53.Record(
            f"{name}-proof",
            zone_id=args.hosted_zone_id,
            name=proof_name,
            type=proof.resource_record_type.apply(str),
            records=[proof.resource_record_value.apply(str)],
            ttl=300,
            # One account proves a name by the same record for every region's certificate.
            allow_overwrite=True,
            opts=self.child(),
        )
        validation = acm.CertificateValidation(
            f"{name}-issued",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[proof_name],
            region=args.region,
            opts=self.child(depends_on=[record]),
        )
        self.arn = validation.certificate_arn
        self.register_outputs({"arn": self.arn})
