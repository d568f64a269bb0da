"""What AWS, Datadog and PagerDuty call the things they make: the forms of ARNs and identifiers.

Templates name what they are made of: `{partition}`, `{region}`, `{account}`; `{hex}` (seventeen
hexadecimal digits), `{uuid}`, `{letters}` (fourteen capitals and digits), `{digits}`; and any property of
the resource by its wire name, such as `{identifier}`, which stands for the generated name where none is
given.

ARNs: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
Identifiers: the "Import" section of each resource's page in the Pulumi registry.
"""

from collections.abc import Mapping
from types import MappingProxyType

_REGIONAL = "arn:{partition}:%s:{region}:{account}:%s"
_GLOBAL = "arn:{partition}:%s::{account}:%s"

ARNS: Mapping[str, str] = MappingProxyType(
    {
        "aws:acm/certificate:Certificate": _REGIONAL % ("acm", "certificate/{uuid}"),
        "aws:autoscaling/group:Group": _REGIONAL
        % ("autoscaling", "autoScalingGroup:{uuid}:autoScalingGroupName/{name}"),
        "aws:backup/plan:Plan": _REGIONAL % ("backup", "backup-plan:{uuid}"),
        "aws:backup/vault:Vault": _REGIONAL % ("backup", "backup-vault:{name}"),
        "aws:cfg/rule:Rule": _REGIONAL % ("config", "config-rule/config-rule-{hex}"),
        "aws:cloudfront/distribution:Distribution": _GLOBAL % ("cloudfront", "distribution/{id}"),
        "aws:cloudfront/function:Function": _GLOBAL % ("cloudfront", "function/{name}"),
        "aws:cloudfront/vpcOrigin:VpcOrigin": _GLOBAL % ("cloudfront", "vpcorigin/{id}"),
        "aws:cloudtrail/trail:Trail": _REGIONAL % ("cloudtrail", "trail/{name}"),
        "aws:cloudwatch/compositeAlarm:CompositeAlarm": _REGIONAL % ("cloudwatch", "alarm:{alarmName}"),
        "aws:cloudwatch/dashboard:Dashboard": _GLOBAL % ("cloudwatch", "dashboard/{dashboardName}"),
        "aws:cloudwatch/eventBus:EventBus": _REGIONAL % ("events", "event-bus/{name}"),
        "aws:cloudwatch/eventRule:EventRule": _REGIONAL % ("events", "rule/{name}"),
        "aws:cloudwatch/logGroup:LogGroup": _REGIONAL % ("logs", "log-group:{name}"),
        "aws:cloudwatch/metricAlarm:MetricAlarm": _REGIONAL % ("cloudwatch", "alarm:{name}"),
        "aws:codebuild/project:Project": _REGIONAL % ("codebuild", "project/{name}"),
        "aws:ec2/eip:Eip": _REGIONAL % ("ec2", "elastic-ip/{id}"),
        "aws:ec2clientvpn/endpoint:Endpoint": _REGIONAL % ("ec2", "client-vpn-endpoint/{id}"),
        "aws:elasticache/parameterGroup:ParameterGroup": _REGIONAL % ("elasticache", "parametergroup:{name}"),
        "aws:elasticache/replicationGroup:ReplicationGroup": _REGIONAL
        % ("elasticache", "replicationgroup:{replicationGroupId}"),
        "aws:elasticache/subnetGroup:SubnetGroup": _REGIONAL % ("elasticache", "subnetgroup:{name}"),
        "aws:elasticache/user:User": _REGIONAL % ("elasticache", "user:{userId}"),
        "aws:elasticache/userGroup:UserGroup": _REGIONAL % ("elasticache", "usergroup:{userGroupId}"),
        "aws:guardduty/detector:Detector": _REGIONAL % ("guardduty", "detector/{id}"),
        "aws:iam/instanceProfile:InstanceProfile": _GLOBAL % ("iam", "instance-profile/{name}"),
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _GLOBAL % ("iam", "oidc-provider/{name}"),
        "aws:iam/policy:Policy": _GLOBAL % ("iam", "policy/{name}"),
        "aws:iam/role:Role": _GLOBAL % ("iam", "role/{name}"),
        "aws:iam/samlProvider:SamlProvider": _GLOBAL % ("iam", "saml-provider/{name}"),
        "aws:iam/user:User": _GLOBAL % ("iam", "user/{name}"),
        "aws:kms/alias:Alias": _REGIONAL % ("kms", "{name}"),
        "aws:kms/key:Key": _REGIONAL % ("kms", "key/{id}"),
        "aws:lambda/function:Function": _REGIONAL % ("lambda", "function:{name}"),
        "aws:lb/listener:Listener": _REGIONAL
        % ("elasticloadbalancing", "listener/app/{name}/{hex:.16}/{uuid:.8}"),
        "aws:lb/loadBalancer:LoadBalancer": _REGIONAL
        % ("elasticloadbalancing", "loadbalancer/app/{name}/{hex:.16}"),
        "aws:lb/targetGroup:TargetGroup": _REGIONAL
        % ("elasticloadbalancing", "targetgroup/{name}/{hex:.16}"),
        "aws:opensearch/domain:Domain": _REGIONAL % ("es", "domain/{domainName}"),
        "aws:rds/eventSubscription:EventSubscription": _REGIONAL % ("rds", "es:{name}"),
        "aws:rds/instance:Instance": _REGIONAL % ("rds", "db:{identifier}"),
        "aws:rds/parameterGroup:ParameterGroup": _REGIONAL % ("rds", "pg:{name}"),
        "aws:rds/proxy:Proxy": _REGIONAL % ("rds", "db-proxy:prx-{hex}"),
        "aws:rds/subnetGroup:SubnetGroup": _REGIONAL % ("rds", "subgrp:{name}"),
        "aws:route53/healthCheck:HealthCheck": "arn:{partition}:route53:::healthcheck/{id}",
        "aws:route53/zone:Zone": "arn:{partition}:route53:::hostedzone/{id}",
        "aws:s3/bucket:Bucket": "arn:{partition}:s3:::{bucket}",
        "aws:scheduler/schedule:Schedule": _REGIONAL % ("scheduler", "schedule/default/{name}"),
        "aws:secretsmanager/secret:Secret": _REGIONAL % ("secretsmanager", "secret:{name}-{letters:.6}"),
        "aws:sns/topic:Topic": _REGIONAL % ("sns", "{name}"),
        "aws:sns/topicSubscription:TopicSubscription": "{topic}:{uuid}",
        "aws:sqs/queue:Queue": _REGIONAL % ("sqs", "{name}"),
        "aws:ssm/document:Document": _REGIONAL % ("ssm", "document/{name}"),
        "aws:ssm/parameter:Parameter": _REGIONAL % ("ssm", "parameter{name}"),
        "aws:wafv2/ipSet:IpSet": _REGIONAL % ("wafv2", "regional/ipset/{name}/{uuid}"),
        "aws:wafv2/webAcl:WebAcl": _REGIONAL % ("wafv2", "regional/webacl/{name}/{uuid}"),
    }
)
"""The ARN of each type whose ARN does not follow `DEFAULT_ARN`."""

DEFAULT_ARN = _REGIONAL % ("{service}", "{kind}/{id}")
"""The usual form: the kind of thing in kebab case, then the identifier (`vpc/vpc-0123...`)."""

SERVICES: Mapping[str, str] = MappingProxyType(
    {
        "alb": "elasticloadbalancing",
        "cfg": "config",
        "ebs": "ec2",
        "ec2clientvpn": "ec2",
        "lb": "elasticloadbalancing",
        "opensearch": "es",
        "s3control": "s3",
        "sfn": "states",
        "vpc": "ec2",
    }
)
"""The service in an ARN, where it is not the provider's module."""

IDENTIFIERS: Mapping[str, str] = MappingProxyType(
    {
        "aws:cloudfront/distribution:Distribution": "E{letters:.13}",
        "aws:cloudfront/originAccessControl:OriginAccessControl": "E{letters:.13}",
        "aws:cloudfront/vpcOrigin:VpcOrigin": "vo_{letters}",
        "aws:ec2/eip:Eip": "eipalloc-{hex}",
        "aws:ec2/flowLog:FlowLog": "fl-{hex}",
        "aws:ec2/instance:Instance": "i-{hex}",
        "aws:ec2/internetGateway:InternetGateway": "igw-{hex}",
        "aws:ec2/launchTemplate:LaunchTemplate": "lt-{hex}",
        "aws:ec2/natGateway:NatGateway": "nat-{hex}",
        "aws:ec2/networkAcl:NetworkAcl": "acl-{hex}",
        "aws:ec2/routeTable:RouteTable": "rtb-{hex}",
        "aws:ec2/securityGroup:SecurityGroup": "sg-{hex}",
        "aws:ec2/subnet:Subnet": "subnet-{hex}",
        "aws:ec2/vpc:Vpc": "vpc-{hex}",
        "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce-{hex}",
        "aws:ec2clientvpn/endpoint:Endpoint": "cvpn-endpoint-{hex}",
        "aws:guardduty/detector:Detector": "{hex}{hex:.15}",
        "aws:kms/key:Key": "{uuid}",
        "aws:rds/instance:Instance": "db-{letters}{letters:.12}",
        "aws:route53/healthCheck:HealthCheck": "{uuid}",
        "aws:route53/zone:Zone": "Z{letters}",
        "aws:s3/bucket:Bucket": "{bucket}",
        "aws:sqs/queue:Queue": "https://sqs.{region}.amazonaws.com/{account}/{name}",
        "aws:ssm/maintenanceWindow:MaintenanceWindow": "mw-{hex}",
        "aws:ssm/maintenanceWindowTarget:MaintenanceWindowTarget": "{uuid}",
        "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask": "{uuid}",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "sgr-{hex}",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "sgr-{hex}",
        "aws:wafv2/webAcl:WebAcl": "{uuid}",
        "datadog:index/downtimeSchedule:DowntimeSchedule": "{uuid}",
        "datadog:index/monitor:Monitor": "{digits}",
        "datadog:index/serviceLevelObjective:ServiceLevelObjective": "{hex}{hex:.15}",
    }
)
"""The identifier of each type whose identifier is neither its ARN nor its name."""

IDENTIFIED_BY_ARN = frozenset(
    {
        "aws:acm/certificate:Certificate",
        "aws:alb/listener:Listener",
        "aws:alb/loadBalancer:LoadBalancer",
        "aws:alb/targetGroup:TargetGroup",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "aws:iam/policy:Policy",
        "aws:iam/samlProvider:SamlProvider",
        "aws:lb/listener:Listener",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:lb/targetGroup:TargetGroup",
        "aws:opensearch/domain:Domain",
        "aws:secretsmanager/secret:Secret",
        "aws:sns/topic:Topic",
        "aws:sns/topicSubscription:TopicSubscription",
    }
)
"""The types whose identifier is their ARN."""

ONE_FOR_EACH: Mapping[str, Mapping[str, tuple[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "aws:acm/certificate:Certificate": {
            "domainValidationOptions": ("domainName", ("domainName", "subjectAlternativeNames")),
        },
    }
)
"""Lists that AWS makes with one entry for each value of some inputs: by type and list, the entry's
property that holds the value, and the inputs. https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"""

FORMS = (
    ("Arn$", DEFAULT_ARN),
    ("([aA]ccountId|ownerId|^registryId)$", "{account}"),
    ("[rR]egion$", "{region}"),
    ("[aA]vailabilityZone$", "{region}a"),
    ("[hH]ostedZoneId$", "Z{letters}"),
    ("[nN]etworkAclId$", "acl-{hex}"),
    ("[nN]etworkInterfaceId$", "eni-{hex}"),
    ("[rR]outeTableId$", "rtb-{hex}"),
    ("[sS]ecurityGroupId$", "sg-{hex}"),
    ("[sS]ubnetId$", "subnet-{hex}"),
    ("[vV]pcId$", "vpc-{hex}"),
    ("Id$", "{hex}"),
    ("(^cidr|[cC]idrBlock)$", "10.0.0.0/16"),
    ("([iI]p|[iI]pAddress)$", "192.0.2.1"),
    ("([uU]rl|[uU]ri)$", "https://{generatedName}.{service}.{region}.example.com/"),
    (
        "([aA]ddress|[eE]ndpoint|[dD]omain|[dD]omainName|[dD]nsName|[hH]ost|fqdn)$",
        "{generatedName}.{service}.{region}.example.com",
    ),
    ("(At|[dD]ate|[tT]ime|[tT]imestamp|notBefore|notAfter)$", "2026-01-01T00:00:00Z"),
    ("([pP]olicy|[jJ]son)$", "{{}}"),
    ("[rR]ecordType$", "CNAME"),
)
"""What a text looks like by the end of its property's name; the first that fits."""
