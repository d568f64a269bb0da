"""RDS' certificate authorities, as the functions and the command trust them: AWS' own, and all of them."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from infra.reading import stack_configuration
from operate.postgres import AUTHORITIES
from tests.program.stacks import STACKS

_KEYS: Final = {
    "ECC384": (ec.EllipticCurvePublicKey, 384),
    "RSA2048": (rsa.RSAPublicKey, 2048),
    "RSA4096": (rsa.RSAPublicKey, 4096),
}
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html#UsingWithRDS.SSL.RegionCertificateAuthorities"""
_KNOWN: Final = {
    ("us-east-1", "ECC384"): "82d99e9e409703044c3f886f87a0408c96cd74dee2c9ba920e6553a32e372539",
    ("us-east-1", "RSA2048"): "e4ce41d069f4bdcdb714259058961ee42ed18cf2bf627a3d647aff25437d4b68",
    ("us-east-1", "RSA4096"): "1c753cf0334ff82a47e0d3205839c8549b7d9a8a3d9a685cccecc80f82fe97e6",
    ("us-east-2", "ECC384"): "6a026963875a74234cc4deaeed7f31c15ee31127e0755e6a889de9f23946f660",
    ("us-east-2", "RSA2048"): "68996553f8c736aa4c56de4898e0947c208c81f0c9e2b57dea7bf718ef59512f",
    ("us-east-2", "RSA4096"): "e48a40eb9ce3f24d9ede8947ccdb60b2970b1b2d75acc0e991e71ef8eac9dbfb",
    ("us-west-1", "ECC384"): "9634bd929cb698e0327e4a315d6cab4c19b54fcbbf6a4e61f7edbec2139cb309",
    ("us-west-1", "RSA2048"): "c044a867d2df87500e4f86f5188baf94d8b47497ea7033bad01907b6f2c82be3",
    ("us-west-1", "RSA4096"): "f0bd8094918f0c8b767c2696b98bd2f44b9e3f67f948552234c955cb4a864e44",
    ("us-west-2", "ECC384"): "01926d42a0dc63915005f3d2b8d7c07efd9451fc14889142d8c4fa6021a6a95e",
    ("us-west-2", "RSA2048"): "86e22f41c79b0de5777054189cfadbddf633a8a1dc09ef134db07a756e494abe",
    ("us-west-2", "RSA4096"): "2888c2f870f2a58ebdeef3a3340b2f9810595b5a3466574f22ba97b778a5edbe",
}
"""SHA-256 of the certificates as AWS publishes them, held against copies that others have taken from AWS
independently: no other authority can take the place of one of these unnoticed."""
_YEARS: Final = 5


def _all() -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(AUTHORITIES.read_bytes())


def _of(region: str, key: str) -> x509.Certificate:
    """The one authority of a region with a kind of key."""
    name = f"Amazon RDS {region} Root CA {key} G1"
    (found,) = [one for one in _all() if f"CN={name}," in one.subject.rfc4514_string()]
    return found


def _regions() -> list[str]:
    """Where some stack has a database, or would have it."""
    found: set[str] = set()
    for stack in STACKS:
        configuration = stack_configuration(stack)
        environment = json.loads(configuration["syncup:environment"])
        found |= {configuration["aws:region"], environment["recovery_region"], environment["global_region"]}
    return sorted(found)


@pytest.mark.parametrize("region", _regions())
@pytest.mark.parametrize("key", sorted(_KEYS))
def test_each_region_has_its_three_authorities_and_they_are_aws_own(region: str, key: str) -> None:
    found = _of(region, key)
    assert hashlib.sha256(found.public_bytes(Encoding.DER)).hexdigest() == _KNOWN[region, key]
    kind, size = _KEYS[key]
    public = found.public_key()
    assert isinstance(public, kind)
    assert public.key_size == size


def test_each_may_sign_certificates_and_has_signed_itself() -> None:
    for one in _all():
        constraints = one.extensions.get_extension_for_class(x509.BasicConstraints)
        assert constraints.critical
        assert constraints.value.ca
        assert one.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
        one.verify_directly_issued_by(one)


def test_each_is_good_for_years_to_come() -> None:
    now = datetime.now(UTC)
    for one in _all():
        assert one.not_valid_before_utc <= now
        assert one.not_valid_after_utc > now + timedelta(days=365 * _YEARS), one.subject.rfc4514_string()


def test_none_is_there_twice_and_none_is_anybody_elses() -> None:
    subjects = [one.subject.rfc4514_string() for one in _all()]
    assert len(subjects) == len(set(subjects))
    assert all("O=Amazon Web Services\\, Inc." in subject for subject in subjects)
