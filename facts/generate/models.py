"""What AWS's own API models, as botocore carries them, enumerate."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast

SERVICES: Final[Mapping[str, tuple[str, ...]]] = {
    "accessanalyzer": ("accessanalyzer",),
    "account": ("account",),
    "acm": ("acm",),
    "alb": ("elbv2",),
    "appautoscaling": ("application-autoscaling",),
    "autoscaling": ("autoscaling",),
    "backup": ("backup",),
    "budgets": ("budgets",),
    "cfg": ("config",),
    "chatbot": ("chatbot",),
    "cloudformation": ("cloudformation",),
    "cloudfront": ("cloudfront",),
    "cloudtrail": ("cloudtrail",),
    "cloudwatch": ("cloudwatch", "events", "internetmonitor", "logs"),
    "codebuild": ("codebuild",),
    "dynamodb": ("dynamodb",),
    "ebs": ("ec2",),
    "ec2": ("ec2",),
    "ec2clientvpn": ("ec2",),
    "ecr": ("ecr",),
    "ecs": ("ecs",),
    "efs": ("efs",),
    "eks": ("eks",),
    "elasticache": ("elasticache",),
    "elb": ("elb",),
    "guardduty": ("guardduty",),
    "iam": ("iam",),
    "inspector2": ("inspector2",),
    "kinesis": ("kinesis", "firehose", "kinesisanalytics"),
    "kms": ("kms",),
    "lambda_": ("lambda",),
    "lb": ("elbv2",),
    "opensearch": ("opensearch", "opensearchserverless"),
    "organizations": ("organizations",),
    "rds": ("rds",),
    "resourcegroups": ("resource-groups",),
    "route53": ("route53", "route53profiles", "route53resolver"),
    "s3": ("s3", "s3control", "s3vectors"),
    "s3control": ("s3control", "s3"),
    "scheduler": ("scheduler",),
    "secretsmanager": ("secretsmanager",),
    "securityhub": ("securityhub",),
    "ses": ("ses",),
    "sesv2": ("sesv2",),
    "sfn": ("stepfunctions",),
    "shield": ("shield",),
    "sns": ("sns",),
    "sqs": ("sqs",),
    "ssm": ("ssm", "ssm-quicksetup"),
    "synthetics": ("synthetics",),
    "vpc": ("ec2",),
    "wafv2": ("wafv2",),
    "xray": ("xray",),
}
"""The SDK's modules that the tables cover, each with the services whose models describe its resources."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Enumeration:
    """One enumeration of a service's model."""

    name: str
    """Service and shape (`rds:EngineFamily`)."""
    values: frozenset[str]
    members: frozenset[str]
    """The names under which the service's structures hold it, or a list of it."""


@cache
def enumerations(module: str) -> tuple[Enumeration, ...]:
    """The enumerations that may describe a module's properties, from the newest models, by name."""
    return tuple(found for service in SERVICES[module] for found in _enumerations(service))


@cache
def _enumerations(service: str) -> tuple[Enumeration, ...]:
    shapes = _shapes(service)
    members: dict[str, set[str]] = {}
    for shape in shapes.values():
        for name, member in shape.get("members", {}).items():
            target = _enumerated(shapes, member["shape"])
            if target is not None:
                members.setdefault(target, set()).add(name)
    return tuple(
        Enumeration(
            name=f"{service}:{shape}",
            values=frozenset(shapes[shape]["enum"]),
            members=frozenset(members[shape]),
        )
        for shape in sorted(members)
    )


def _shapes(service: str) -> Mapping[str, Mapping[str, Any]]:
    folder = files("botocore") / "data" / service
    newest = max(entry.name for entry in folder.iterdir() if entry.is_dir())
    model = gzip.decompress((folder / newest / "service-2.json.gz").read_bytes())
    return cast("Mapping[str, Mapping[str, Any]]", json.loads(model)["shapes"])


def _enumerated(shapes: Mapping[str, Mapping[str, Any]], name: str) -> str | None:
    """The enumeration behind a shape: itself, or what its list holds."""
    shape = shapes[name]
    if shape["type"] == "list":
        return _enumerated(shapes, shape["member"]["shape"])
    return name if "enum" in shape else None
