"""What the rules of functions decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rules import lambda_
from tests.policies.kit import Case, judged


def _vpc(*subnets: str) -> dict[str, Any]:
    return {"vpcConfig": {"subnetIds": list(subnets), "securityGroupIds": ["sg-12345678"]}}


_VARIABLES = {"environment": {"variables": {"LOG_LEVEL": "info"}}}
_KEY = "arn:aws:kms:us-west-2:111122223333:key/1"

CASES = (
    Case(
        lambda_.function_supported_runtime,
        compliant={"runtime": "python3.13"},
        violating={"runtime": "python3.8"},
        absent=Verdict.OUT_OF_SCOPE,
        more_compliant=[{"runtime": "nodejs24.x"}, {"runtime": "provided.al2023"}],
        more_violating=[{"runtime": "nodejs18.x"}, {"runtime": "go1.x"}],
        out_of_scope=[{"packageType": "Image"}],
    ),
    Case(
        lambda_.function_in_vpc,
        compliant=_vpc("subnet-12345678"),
        violating=_vpc(),
        unknown=None,
    ),
    Case(
        lambda_.function_several_zones,
        compliant=_vpc("subnet-12345678", "subnet-23456789"),
        violating=_vpc("subnet-12345678"),
        absent=Verdict.OUT_OF_SCOPE,
    ),
    Case(
        lambda_.function_environment_with_own_key,
        base=_VARIABLES,
        compliant={"kmsKeyArn": _KEY},
        violating={},
        unknown=Verdict.COMPLIANT,
        out_of_scope=[{"environment": {"variables": {}}}],
    ),
    Case(
        lambda_.function_address_authenticated,
        compliant={"authorizationType": "AWS_IAM"},
        violating={"authorizationType": "NONE"},
    ),
    Case(
        lambda_.layer_not_public,
        compliant={"principal": "111122223333"},
        violating={"principal": "*"},
        absent=Verdict.COMPLIANT,
        more_compliant=[{"principal": "*", "organizationId": "o-a1b2c3d4e5"}],
    ),
)

test_cases = judged(CASES)
