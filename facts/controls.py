"""The controls that a deployment decides: AWS's own and those of the Center for Internet Security.

Left out are the controls that only a running account can answer, such as when a key was last used, and those
of services that are far from this environment's.
https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html
https://docs.aws.amazon.com/securityhub/latest/userguide/cis-aws-foundations-benchmark.html
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_BY_SEVERITY: Final[Mapping[str, Mapping[str, str]]] = {
    "critical": {
        "CloudFront": "1",
        "CloudTrail": "6",
        "EC2": "1",
        "ES": "2",
        "KMS": "5",
        "Lambda": "1",
        "Opensearch": "2",
        "RDS": "1 2",
        "S3": "2 3 19",
        "SSM": "4 7",
    },
    "high": {
        "ACM": "2",
        "AutoScaling": "3 4 5",
        "CloudTrail": "1 3",
        "EC2": "2 8 9 13 14 18 23 25",
        "ElastiCache": "1 2 7",
        "GuardDuty": "1 5 6 8 9 10 11",
        "IAM": "1",
        "Opensearch": "7",
        "RDS": "13 18",
        "S3": "6 8 24",
        "SNS": "4",
    },
    "medium": {
        "AutoScaling": "2 6 9",
        "Backup": "1",
        "CloudFront": "3 5 6 7 9 10 13 15",
        "CloudTrail": "2",
        "Config": "1",
        "EC2": "3 6 7 10 15 19 21 55 56 57 58 60 171 172 173 180 181",
        "ElastiCache": "3 4 5 6",
        "ELB": "1 2 3 4 5 6 7 9 10 12 13 14 16 17 18",
        "ES": "1 3 4 5 6 7 8",
        "GuardDuty": "7 12 13",
        "IAM": "7 10",
        "KMS": "1 2 4",
        "Lambda": "2 5",
        "Opensearch": "1 3 4 5 6 8",
        "RDS": "3 4 5 9 10 11 12 14 15 24 25 26 27 34 35 36 37 38 39 40 41 42 43 44 45",
        "Route53": "2",
        "S3": "1 5 9 10 11 12 15 17",
        "SecretsManager": "1 4",
        "SNS": "1 2",
        "SQS": "1 3",
        "SSM": "6",
        "WAF": "1 2 3 4 6 7 8 10 12",
    },
    "low": {
        "AutoScaling": "1",
        "CloudFront": "4 8",
        "CloudTrail": "4 5 7",
        "EC2": "12 17 28 51 170",
        "EventBridge": "3",
        "IAM": "2 21",
        "Lambda": "3",
        "RDS": "6 7 8 16 17 19 20 21 22 23 47 48",
        "S3": "7 13 14 20 25",
        "WAF": "11",
    },
}

FSBP: Final[Mapping[str, str]] = MappingProxyType(
    {
        f"{family}.{number}": severity
        for severity, families in _BY_SEVERITY.items()
        for family, numbers in families.items()
        for number in numbers.split()
    }
)
"""AWS's Foundational Security Best Practices: each control's severity."""

CIS: Final = (
    "1.8",
    "1.9",
    "1.15",
    "1.16",
    "1.17",
    "1.18",
    "1.20",
    "1.22",
    "2.1.1",
    "2.1.2",
    "2.1.4",
    "2.2.1",
    "2.3.1",
    "2.3.2",
    "2.3.3",
    "2.4.1",
    "3.1",
    "3.2",
    "3.3",
    "3.4",
    "3.5",
    "3.6",
    "3.7",
    "3.8",
    "3.9",
    "4.1",
    "4.2",
    "4.3",
    "4.4",
    "4.5",
    "4.6",
    "4.7",
    "4.8",
    "4.9",
    "4.10",
    "4.11",
    "4.12",
    "4.13",
    "4.14",
    "4.15",
    "4.16",
    "5.1",
    "5.2",
    "5.3",
    "5.4",
    "5.5",
    "5.6",
)
"""The items of the CIS AWS Foundations Benchmark 3.0."""
