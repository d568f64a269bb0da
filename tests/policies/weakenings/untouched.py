"""The types of our stacks that nothing in the catalogue weakens, each with the reason."""

from collections.abc import Mapping
from typing import Final

_CONNECTS = "it only connects two resources; what matters is said by those"
_SHOWS = "it shows and counts, and keeps nobody out"
_PATH = "routes and gateways carry traffic; what may pass is said by security groups and network ACLs"
_DELIVERY = "a part of a delivery of logs, which the catalogue deletes as a whole"
_PEOPLE = "who is on duty, and how they are reached, PagerDuty's people decide"

UNTOUCHED: Final[Mapping[str, str]] = {
    "aws:acm/certificateValidation:CertificateValidation": "without it the certificate is not issued at all",
    "aws:autoscaling/lifecycleHook:LifecycleHook": "it orders a release and protects nothing",
    "aws:autoscaling/policy:Policy": "how much capacity is enough no control says",
    "aws:backup/vaultNotifications:VaultNotifications": "alarms ring for jobs that fail",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "it sums up alarms that call somebody by themselves",
    "aws:cloudwatch/dashboard:Dashboard": _SHOWS,
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": _DELIVERY,
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": _DELIVERY,
    "aws:cloudwatch/logStream:LogStream": "AWS makes a missing one by itself",
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": "a second copy of logs, for searching",
    "aws:ec2/eip:Eip": "an address of a NAT gateway, which nobody can reach from outside",
    "aws:ec2/internetGateway:InternetGateway": _PATH,
    "aws:ec2/natGateway:NatGateway": _PATH,
    "aws:ec2/routeTable:RouteTable": _PATH,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _PATH,
    "aws:ec2/vpc:Vpc": "what protects it are resources beside it, such as its flow log",
    "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion": "as weak as it can be",
    "aws:ec2clientvpn/networkAssociation:NetworkAssociation": _CONNECTS,
    "aws:elasticache/parameterGroup:ParameterGroup": "it sets what is forgotten first",
    "aws:elasticache/userGroup:UserGroup": _CONNECTS,
    "aws:iam/instanceProfile:InstanceProfile": _CONNECTS,
    "aws:iam/samlProvider:SamlProvider": "its document is the identity provider's own",
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": "its permissions are AWS's own",
    "aws:kms/alias:Alias": "a name of a key",
    "aws:lb/targetGroup:TargetGroup": "it checks health and keeps nobody out",
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": "it says how many connections are kept",
    "aws:rds/proxyTarget:ProxyTarget": _CONNECTS,
    "aws:route53/record:Record": "where a name leads only its owner knows",
    "aws:scheduler/schedule:Schedule": "what has to run how often only the program knows",
    "aws:ssm/maintenanceWindowTarget:MaintenanceWindowTarget": "a tag of the program's own",
    "datadog:index/dashboard:Dashboard": _SHOWS,
    "datadog:index/serviceLevelObjective:ServiceLevelObjective": _SHOWS,
    "datadog:pagerduty/serviceObject:ServiceObject": _CONNECTS,
    "pagerduty:index/schedule:Schedule": _PEOPLE,
    "pagerduty:index/serviceIntegration:ServiceIntegration": _PEOPLE,
}
