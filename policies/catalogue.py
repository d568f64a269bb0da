"""Every rule of the pack."""

from types import ModuleType
from typing import Final

from policies.rule import Rule
from policies.rules import (
    accessanalyzer,
    account,
    acm,
    apigateway,
    autoscaling,
    backup,
    cloudfront,
    cloudtrail,
    cloudwatch,
    config,
    datadog,
    docdb,
    dynamodb,
    ec2,
    ecr,
    ecs,
    efs,
    eks,
    elasticache,
    elb,
    events,
    fsx,
    guardduty,
    guide,
    iam,
    inspector,
    kms,
    lambda_,
    macie,
    neptune,
    opensearch,
    rds,
    redshift,
    route53,
    s3,
    secretsmanager,
    securitygroup,
    securityhub,
    sns,
    sqs,
    ssm,
    vpc,
    waf,
)

MODULES: Final[tuple[ModuleType, ...]] = (
    accessanalyzer,
    account,
    acm,
    apigateway,
    autoscaling,
    backup,
    cloudfront,
    cloudtrail,
    cloudwatch,
    config,
    datadog,
    docdb,
    dynamodb,
    ec2,
    ecr,
    ecs,
    efs,
    eks,
    elasticache,
    elb,
    events,
    fsx,
    guardduty,
    guide,
    iam,
    inspector,
    kms,
    lambda_,
    macie,
    neptune,
    opensearch,
    rds,
    redshift,
    route53,
    s3,
    secretsmanager,
    securitygroup,
    securityhub,
    sns,
    sqs,
    ssm,
    vpc,
    waf,
)
"""The modules of rules, one for each service, in the order of the alphabet."""


def rules_of(module: ModuleType) -> tuple[Rule, ...]:
    """The rules of a module, in the order of its text."""
    return tuple(value for value in vars(module).values() if isinstance(value, Rule))


RULES: Final[tuple[Rule, ...]] = tuple(rule for module in MODULES for rule in rules_of(module))
"""Every rule, by service and in the order of the text."""
