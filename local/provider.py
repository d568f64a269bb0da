"""Makes in moto what the commands look at, while the program declares it.

The program runs as it is. What is not made here is made up as in a preview, and nothing reads it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from local.addresses import CACHE, DATABASE, PROXY, Addresses
from preview.graph import Resource
from preview.plausible import known_outputs
from preview.values import Asset, Secret

Inputs = Mapping[str, Any]
Client = Callable[[str], Any]
"""A client of a service in the resource's region."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What moto made."""

    identifier: str | None = None
    """None where the made-up one serves."""
    outputs: Mapping[str, Any] | None = None
    """Those that are not made up."""


class Provider:
    """Answers the program's resources with what moto has of them."""

    def __init__(
        self, clients: Callable[[str, str | None], Any], addresses: Addresses, config: Mapping[str, str]
    ) -> None:
        """Args: clients by service and region; where servers are; the stack's configuration."""
        self._clients = clients
        self._addresses = addresses
        self._config = config
        self.functions: list[str] = []

    def __call__(self, resource: Resource) -> tuple[Any, Mapping[str, Any]]:
        """The identifier and the outputs of a resource."""
        identifier, outputs = known_outputs(resource, self._config)
        make = MAKERS.get(resource.type)
        if make is None:
            return identifier, outputs
        region: str | None = resource.inputs.get("region")
        made = make(lambda service: self._clients(service, region), _bare(resource.inputs), self._addresses)
        return made.identifier or identifier, {**outputs, **(made.outputs or {})}


def _bare(value: Any) -> Any:
    """A value without the marks of secrets: what is secret is made up here."""
    match value:
        case Secret(value=inner):
            return _bare(inner)
        case dict():
            return {name: _bare(inner) for name, inner in value.items()}  # pyright: ignore[reportUnknownVariableType] (any property)
        case list():
            return [_bare(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType] (any property)
        case _:
            return value


def _capital(inputs: Inputs, names: Iterable[str]) -> dict[str, Any]:
    """Those of the inputs that AWS' API calls alike but for the first letter."""
    return {name[0].upper() + name[1:]: inputs[name] for name in names if name in inputs}


def _bucket(client: Client, inputs: Inputs, _: Addresses) -> Made:
    s3 = client("s3")
    region = s3.meta.region_name
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(
        Bucket=inputs["bucket"], ObjectLockEnabledForBucket=bool(inputs.get("objectLockEnabled")), **where
    )
    return Made()


def _versioning(client: Client, inputs: Inputs, _: Addresses) -> Made:
    status = inputs["versioningConfiguration"]["status"]
    client("s3").put_bucket_versioning(Bucket=inputs["bucket"], VersioningConfiguration={"Status": status})
    return Made()


def _object_lock(client: Client, inputs: Inputs, _: Addresses) -> Made:
    retention = inputs["rule"]["defaultRetention"]
    rule = {"DefaultRetention": {"Mode": retention["mode"], "Days": retention["days"]}}
    client("s3").put_object_lock_configuration(
        Bucket=inputs["bucket"],
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule},
    )
    return Made()


def _replication(client: Client, inputs: Inputs, _: Addresses) -> Made:
    rules = [
        {
            "ID": rule["id"],
            "Status": rule["status"],
            "Priority": rule["priority"],
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {"Bucket": rule["destination"]["bucket"]},
        }
        for rule in inputs["rules"]
    ]
    client("s3").put_bucket_replication(
        Bucket=inputs["bucket"], ReplicationConfiguration={"Role": inputs["role"], "Rules": rules}
    )
    return Made()


def _public_access(client: Client, inputs: Inputs, _: Addresses) -> Made:
    names = ("blockPublicAcls", "ignorePublicAcls", "blockPublicPolicy", "restrictPublicBuckets")
    client("s3").put_public_access_block(
        Bucket=inputs["bucket"], PublicAccessBlockConfiguration=_capital(inputs, names)
    )
    return Made()


def _parameter(client: Client, inputs: Inputs, addresses: Addresses) -> Made:
    value = str(inputs.get("value") or inputs.get("insecureValue") or "")
    if inputs["name"].endswith("/outputs/url"):
        value = addresses.url
    client("ssm").put_parameter(Name=inputs["name"], Type="String", Value=addresses.output(value))
    return Made()


def _secret(client: Client, inputs: Inputs, _: Addresses) -> Made:
    made = client("secretsmanager").create_secret(Name=inputs["name"], Description=inputs["description"])
    return Made(identifier=made["ARN"], outputs={"arn": made["ARN"]})


def _rotation(client: Client, inputs: Inputs, _: Addresses) -> Made:
    days = inputs["rotationRules"]["automaticallyAfterDays"]
    client("secretsmanager").rotate_secret(
        SecretId=inputs["secretId"],
        RotationLambdaARN=inputs["rotationLambdaArn"],
        RotationRules={"AutomaticallyAfterDays": days},
        RotateImmediately=False,
    )
    return Made()


def _role(client: Client, inputs: Inputs, _: Addresses) -> Made:
    client("iam").create_role(RoleName=inputs["name"], AssumeRolePolicyDocument=inputs["assumeRolePolicy"])
    return Made()


def _function(client: Client, inputs: Inputs, _: Addresses) -> Made:
    made = client("lambda").create_function(
        FunctionName=inputs["name"],
        Runtime=inputs["runtime"],
        Role=inputs["role"],
        Handler=inputs["handler"],
        Timeout=inputs["timeout"],
        Code={"ZipFile": b""},
        Environment={"Variables": inputs.get("environment", {}).get("variables", {})},
        Tags={SOURCE: source_of(inputs["code"])},
    )
    return Made(outputs={"arn": made["FunctionArn"]})


SOURCE: Final = "Source"
"""The tag that says which folder below `functions/` a function is."""


def source_of(archive: Asset) -> str:
    """The folder below `functions/` that an archive is built from (components/archives.py)."""
    return PurePosixPath(str(archive.source)).stem.rpartition("-")[0]


def _project(client: Client, inputs: Inputs, _: Addresses) -> Made:
    environment, logs = inputs["environment"], inputs["logsConfig"]["cloudwatchLogs"]
    client("codebuild").create_project(
        name=inputs["name"],
        description=inputs["description"],
        source={
            name: inputs["source"][name]
            for name in ("type", "location", "buildspec")
            if name in inputs["source"]
        },
        artifacts={"type": inputs["artifacts"]["type"]},
        serviceRole=inputs["serviceRole"],
        timeoutInMinutes=inputs["buildTimeout"],
        environment={
            "type": environment["type"],
            "image": environment["image"],
            "computeType": environment["computeType"],
            "environmentVariables": environment["environmentVariables"],
        },
        logsConfig={"cloudWatchLogs": {"status": logs["status"], "groupName": logs["groupName"]}},
    )
    return Made()


def _database(client: Client, inputs: Inputs, _: Addresses) -> Made:
    rds = client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier=inputs["identifier"],
        DBInstanceClass=inputs["instanceClass"],
        Engine=inputs["engine"],
        EngineVersion=inputs["engineVersion"],
        AllocatedStorage=inputs["allocatedStorage"],
        DBName=inputs["dbName"],
        MasterUsername=inputs["username"],
        ManageMasterUserPassword=False,
        MasterUserPassword=inputs["passwordWo"],
        BackupRetentionPeriod=0,
    )
    # Moto lists one all the same, which restores nothing.
    for snapshot in rds.describe_db_snapshots(DBInstanceIdentifier=inputs["identifier"])["DBSnapshots"]:
        rds.delete_db_snapshot(DBSnapshotIdentifier=snapshot["DBSnapshotIdentifier"])
    return Made(outputs={"address": DATABASE})


def _proxy(_client: Client, _inputs: Inputs, _: Addresses) -> Made:
    return Made(outputs={"endpoint": PROXY})


def _cache(client: Client, inputs: Inputs, _: Addresses) -> Made:
    client("elasticache").create_replication_group(
        ReplicationGroupId=inputs["replicationGroupId"],
        ReplicationGroupDescription=inputs["description"],
        Engine=inputs["engine"],
        EngineVersion=inputs["engineVersion"],
        CacheNodeType=inputs["nodeType"],
        NumNodeGroups=1,
        ReplicasPerNodeGroup=inputs["numCacheClusters"] - 1,
        AutomaticFailoverEnabled=inputs["automaticFailoverEnabled"],
    )
    return Made(outputs={"primaryEndpointAddress": CACHE})


def _cache_user(client: Client, inputs: Inputs, _: Addresses) -> Made:
    client("elasticache").create_user(
        UserId=inputs["userId"],
        UserName=inputs["userName"],
        Engine=inputs["engine"],
        AccessString=inputs["accessString"],
        Passwords=inputs["authenticationMode"]["passwords"],
    )
    return Made()


def _alarm(client: Client, inputs: Inputs, _: Addresses) -> Made:
    names = ("alarmActions", "alarmDescription", "comparisonOperator", "evaluationPeriods", "threshold")
    metric = ("metricName", "namespace", "period", "statistic", "treatMissingData")
    dimensions = [{"Name": name, "Value": value} for name, value in inputs.get("dimensions", {}).items()]
    # Of an alarm on an expression moto keeps enough without it: its name, and whom it tells.
    client("cloudwatch").put_metric_alarm(
        AlarmName=inputs["name"], Dimensions=dimensions, **_capital(inputs, (*names, *metric))
    )
    return Made()


def _log_group(client: Client, inputs: Inputs, _: Addresses) -> Made:
    logs = client("logs")
    logs.create_log_group(logGroupName=inputs["name"])
    logs.put_retention_policy(logGroupName=inputs["name"], retentionInDays=inputs["retentionInDays"])
    return Made()


def _vault(client: Client, inputs: Inputs, _: Addresses) -> Made:
    client("backup").create_backup_vault(BackupVaultName=inputs["name"])
    return Made()


def _vpc(client: Client, inputs: Inputs, _: Addresses) -> Made:
    made = client("ec2").create_vpc(CidrBlock=inputs["cidrBlock"])
    return Made(identifier=made["Vpc"]["VpcId"])


def _subnet(client: Client, inputs: Inputs, _: Addresses) -> Made:
    made = client("ec2").create_subnet(
        VpcId=inputs["vpcId"], CidrBlock=inputs["cidrBlock"], AvailabilityZone=inputs["availabilityZone"]
    )
    return Made(identifier=made["Subnet"]["SubnetId"])


def _security_group(client: Client, inputs: Inputs, _: Addresses) -> Made:
    made = client("ec2").create_security_group(
        GroupName=inputs["tags"]["Name"], Description=inputs["description"], VpcId=inputs["vpcId"]
    )
    return Made(identifier=made["GroupId"])


def _ingress(client: Client, inputs: Inputs, _: Addresses) -> Made:
    rule: dict[str, Any] = {"IpProtocol": inputs["ipProtocol"]}
    rule |= _capital(inputs, ("fromPort", "toPort"))
    if "cidrIpv4" in inputs:
        rule["IpRanges"] = [{"CidrIp": inputs["cidrIpv4"]}]
    if "referencedSecurityGroupId" in inputs:
        rule["UserIdGroupPairs"] = [{"GroupId": inputs["referencedSecurityGroupId"]}]
    if "prefixListId" in inputs:
        rule["PrefixListIds"] = [{"PrefixListId": inputs["prefixListId"]}]
    client("ec2").authorize_security_group_ingress(GroupId=inputs["securityGroupId"], IpPermissions=[rule])
    return Made()


def _instance(client: Client, inputs: Inputs, _: Addresses) -> Made:
    made = client("ec2").run_instances(
        ImageId=inputs["ami"],
        InstanceType=inputs["instanceType"],
        SubnetId=inputs["subnetId"],
        SecurityGroupIds=inputs["vpcSecurityGroupIds"],
        MinCount=1,
        MaxCount=1,
    )
    return Made(identifier=made["Instances"][0]["InstanceId"])


def _template(client: Client, inputs: Inputs, _: Addresses) -> Made:
    made = client("ec2").create_launch_template(
        LaunchTemplateName=inputs["tags"]["Name"],
        VersionDescription=inputs["description"],
        LaunchTemplateData={"ImageId": inputs["imageId"]},
    )
    found = made["LaunchTemplate"]
    return Made(
        identifier=found["LaunchTemplateId"],
        outputs={"latestVersion": found["LatestVersionNumber"], "name": found["LaunchTemplateName"]},
    )


def _group(client: Client, inputs: Inputs, _: Addresses) -> Made:
    policy = inputs["mixedInstancesPolicy"]["launchTemplate"]
    template = policy["launchTemplateSpecification"]
    client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=inputs["name"],
        MinSize=inputs["minSize"],
        MaxSize=inputs["maxSize"],
        DesiredCapacity=inputs["minSize"],
        MixedInstancesPolicy={
            "LaunchTemplate": {
                "LaunchTemplateSpecification": _capital(template, ("launchTemplateId", "version")),
                "Overrides": [{"InstanceType": one["instanceType"]} for one in policy["overrides"]],
            }
        },
        VPCZoneIdentifier=",".join(inputs["vpcZoneIdentifiers"]),
        HealthCheckType="EC2",
        Tags=[{"Key": "Name", "Value": inputs["name"], "PropagateAtLaunch": True}],
    )
    return Made()


MAKERS: Final[Mapping[str, Callable[[Client, Inputs, Addresses], Made]]] = {
    "aws:autoscaling/group:Group": _group,
    "aws:backup/vault:Vault": _vault,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:codebuild/project:Project": _project,
    "aws:ec2/instance:Instance": _instance,
    "aws:ec2/launchTemplate:LaunchTemplate": _template,
    "aws:ec2/securityGroup:SecurityGroup": _security_group,
    "aws:ec2/subnet:Subnet": _subnet,
    "aws:ec2/vpc:Vpc": _vpc,
    "aws:elasticache/replicationGroup:ReplicationGroup": _cache,
    "aws:elasticache/user:User": _cache_user,
    "aws:iam/role:Role": _role,
    "aws:lambda/function:Function": _function,
    "aws:rds/instance:Instance": _database,
    "aws:rds/proxy:Proxy": _proxy,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": _object_lock,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _public_access,
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _replication,
    "aws:s3/bucketVersioning:BucketVersioning": _versioning,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:secretsmanager/secretRotation:SecretRotation": _rotation,
    "aws:ssm/parameter:Parameter": _parameter,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _ingress,
}
