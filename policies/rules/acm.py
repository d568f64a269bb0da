"""Certificate Manager."""

from typing import Final

from policies.rule import Level, Problems, Severity, rule
from policies.view import Resource

_CERTIFICATE: Final = "aws:acm/certificate:Certificate"


@rule(
    name="acm-certificate-key-length",
    title="Certificates have RSA keys of 2048 bits or longer, or elliptic ones",
    severity=Severity.HIGH,
    controls=("ACM.2",),
    types=(_CERTIFICATE,),
    why="A key of 1024 bits can be computed from the certificate by who can pay for it.",
    fix="""
        aws.acm.Certificate(
            "certificate", domain_name="www.example.com", validation_method="DNS", key_algorithm="RSA_2048"
        )
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/acm-controls.html#acm-2",
)
def certificate_key_length(certificate: Resource) -> Problems:
    """RSA with 2048 bits is the default. What is imported shows its key to nobody."""
    return "key_algorithm is too short" if certificate.text("keyAlgorithm") == "RSA_1024" else None


@rule(
    name="acm-certificate-transparency",
    title="Certificates are in the public log of certificates",
    severity=Severity.LOW,
    level=Level.MANDATORY,
    types=(_CERTIFICATE,),
    why="Browsers refuse certificates that are in no log; in a log, forged ones can be found.",
    fix="""
        aws.acm.Certificate(
            "certificate",
            domain_name="www.example.com",
            validation_method="DNS",
            options={"certificate_transparency_logging_preference": "ENABLED"},
        )
    """,
    link="https://docs.aws.amazon.com/acm/latest/userguide/acm-bestpractices.html",
)
def certificate_transparency(certificate: Resource) -> Problems:
    """They are by default."""
    off = certificate.text("options.certificateTransparencyLoggingPreference") == "DISABLED"
    return "options.certificate_transparency_logging_preference is off" if off else None
