"""Where resources are, as far as anything says so."""

from typing import Any

import pytest

from policies.places import in_one_region, region, region_of_arn
from policies.view import UNKNOWN, Options, Resource

_VAULT = "aws:backup/vault:Vault"


def _vault(provider: str = "", outputs: Any = None, **inputs: Any) -> Resource:
    return Resource(
        urn=f"urn:pulumi:test::example::{_VAULT}::vault",
        type_token=_VAULT,
        inputs=inputs,
        outputs=outputs,
        options=Options(provider=provider),
    )


@pytest.mark.parametrize(
    ("vault", "expected"),
    [
        (_vault(region="us-east-2"), "us-east-2"),
        (_vault(outputs={"region": "us-east-2"}), "us-east-2"),
        (_vault(outputs={"arn": "arn:aws:backup:us-east-2:111122223333:backup-vault:vault"}), "us-east-2"),
        (_vault(outputs={"arn": "arn:aws:s3:::bucket"}), ""),
        (_vault(region=UNKNOWN, outputs={"arn": UNKNOWN}), ""),
        (_vault(), ""),
    ],
)
def test_a_region_is_declared_or_computed_or_in_the_arn(vault: Resource, expected: str) -> None:
    assert region(vault) == expected


@pytest.mark.parametrize("arn", [None, UNKNOWN, 1, "", "vault", "arn:aws:s3:::bucket"])
def test_what_is_no_regional_arn_has_no_region(arn: Any) -> None:
    assert region_of_arn(arn) == ""


def test_two_that_say_nothing_are_in_one_region_if_one_provider_makes_them() -> None:
    assert in_one_region(_vault(), _vault())
    assert in_one_region(_vault(region="us-east-2"), _vault(region="us-east-2"))
    assert not in_one_region(_vault(), _vault(provider="elsewhere"))
    assert not in_one_region(_vault(), _vault(region="us-east-2"))
