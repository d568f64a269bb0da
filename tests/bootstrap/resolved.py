"""The template as CloudFormation would read it for a stack, and as the policy pack sees resources."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from infra.reading import read_project, stack_configuration
from operate.bootstrap import declared, read_template
from policies.iam import Kind, Statement, parse, statements
from policies.normalise import normalise
from policies.stack import Stack
from policies.view import Resource

REPOSITORY = "example/syncup-infrastructure"
BRANCH = "main"


@dataclass(frozen=True, kw_only=True)
class Bootstrap:
    """The template's resources for one stack, every reference put in."""

    stack: str
    account: str
    region: str
    resources: Mapping[str, Mapping[str, Any]]

    def properties(self, name: str) -> Any:
        """A resource's properties, by its name in the template."""
        return self.resources[name]["Properties"]

    def of_type(self, kind: str) -> dict[str, Any]:
        """The properties of all resources of a type."""
        return {name: r["Properties"] for name, r in self.resources.items() if r["Type"] == kind}

    def arn(self, policy: str) -> str:
        """The ARN of one of the managed policies, by its name in the template."""
        return f"arn:aws:iam::{self.account}:policy/{self.properties(policy)['ManagedPolicyName']}"

    def rights(self, role: str) -> tuple[Statement, ...]:
        """Everything that a role's policies say."""
        found: list[Statement] = []
        properties = self.properties(role)
        for name in self.of_type("AWS::IAM::ManagedPolicy"):
            if self.arn(name) in properties["ManagedPolicyArns"]:
                found += self.policy(name)
        for inline in properties.get("Policies", ()):
            found += _parsed(inline["PolicyDocument"])
        return tuple(found)

    def policy(self, name: str) -> tuple[Statement, ...]:
        """What one of the managed policies says."""
        return _parsed(self.properties(name)["PolicyDocument"])

    def trust(self, role: str) -> tuple[Statement, ...]:
        """Who may become a role."""
        resource = _resource("aws:iam/role:Role", role, _role(self.properties(role)))
        return tuple(statements(resource, Kind.TRUST))


@cache
def bootstrap(stack: str = "production", *, repository: str = REPOSITORY, provider: str = "") -> Bootstrap:
    """The template with the parameters of a stack's file."""
    settings = read_project(stack, stack_configuration(stack).get).settings
    parameters = {
        "Stack": stack,
        "RecoveryRegion": settings.environment.recovery_region,
        "HostedZone": settings.edge.hosted_zone_id,
        "Repository": repository,
        "Branch": BRANCH,
        "Release": "2026.11.3",
        "ProviderArn": provider,
        "MakeSearchRole": "yes",
        "MakeScalingRole": "yes",
        "AWS::Region": settings.region,
        "AWS::AccountId": settings.account_id,
        "AWS::Partition": "aws",
    }
    template = read_template()
    made = dict(declared(parameters))
    resolver = _Resolver(template["Resources"], parameters)
    return Bootstrap(
        stack=stack,
        account=settings.account_id,
        region=settings.region,
        resources={name: resolver.value(r) for name, r in template["Resources"].items() if name in made},
    )


@dataclass(frozen=True)
class _Resolver:
    """Puts in what the template refers to."""

    resources: Mapping[str, Any]
    parameters: Mapping[str, str]

    def value(self, value: Any) -> Any:
        """A value with everything put in."""
        if isinstance(value, list):
            return [self.value(item) for item in cast("list[Any]", value)]
        if not isinstance(value, dict):
            return value
        items = cast("dict[str, Any]", value)
        function = next(iter(items), "")
        if function == "Ref" or function.startswith("Fn::"):
            return self._put_in(function, items[function])
        return {key: self.value(item) for key, item in items.items()}

    def _put_in(self, function: str, given: Any) -> Any:
        match function:
            case "Ref":
                return self._reference(given)
            case "Fn::Sub":
                return re.sub(r"\$\{([\w:.]+)\}", lambda found: self._reference(found[1]), given)
            case "Fn::GetAtt":
                name, attribute = given
                assert attribute == "Arn"
                return self._arn(name)
            case "Fn::If":
                condition, then, otherwise = given
                assert condition == "MakesProvider"
                return self.value(otherwise if self.parameters["ProviderArn"] else then)
            case other:
                raise AssertionError(f"the template has no {other} yet: say what it means")

    def _reference(self, name: str) -> str:
        if name in self.parameters:
            return self.parameters[name]
        if name.endswith(".Arn"):
            return self._arn(name.removesuffix(".Arn"))
        kind, properties = self.resources[name]["Type"], self.resources[name]["Properties"]
        if kind == "AWS::S3::Bucket":
            return self.value(properties["BucketName"])
        if kind == "AWS::KMS::Alias":
            return self.value(properties["AliasName"])
        return self._arn(name)

    def _arn(self, name: str) -> str:
        account = self.parameters["AWS::AccountId"]
        properties = self.resources[name]["Properties"]
        match self.resources[name]["Type"]:
            case "AWS::S3::Bucket":
                return f"arn:aws:s3:::{self.value(properties['BucketName'])}"
            case "AWS::IAM::ManagedPolicy":
                return f"arn:aws:iam::{account}:policy/{self.value(properties['ManagedPolicyName'])}"
            case "AWS::IAM::OIDCProvider":
                return f"arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com"
            case "AWS::KMS::Key":
                return f"arn:aws:kms:{self.parameters['AWS::Region']}:{account}:key/{name}"
            case kind:
                raise AssertionError(f"nobody refers to the ARN of a {kind}")


def _parsed(document: Any) -> tuple[Statement, ...]:
    return parse(_resource("aws:iam/policy:Policy", "policy", {"policy": json.dumps(document)}), "policy")


def _resource(token: str, name: str, inputs: Mapping[str, Any], account: str = "") -> Resource:
    values, _ = normalise(dict(inputs))
    return Resource(
        urn=f"urn:pulumi:production::syncup::{token}::{name}",
        type_token=token,
        inputs=values,
        identifier=inputs.get("bucket") or inputs.get("name") or name,
        account=account,
    )


def as_declared(found: Bootstrap) -> Stack:
    """The template's resources as the program would declare them, so that the pack's rules apply."""
    return Stack(_resource(token, name, inputs, found.account) for name, token, inputs in _translated(found))


def _translated(found: Bootstrap) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for name, resource in found.resources.items():
        properties = resource["Properties"]
        match resource["Type"]:
            case "AWS::IAM::Role":
                yield name, "aws:iam/role:Role", _role(properties)
            case "AWS::IAM::ManagedPolicy":
                yield name, "aws:iam/policy:Policy", {"policy": json.dumps(properties["PolicyDocument"])}
            case "AWS::KMS::Key":
                yield name, "aws:kms/key:Key", _key(properties)
            case "AWS::S3::Bucket":
                yield from _bucket(name, properties)
            case "AWS::S3::BucketPolicy":
                document = json.dumps(properties["PolicyDocument"])
                yield (
                    name,
                    "aws:s3/bucketPolicy:BucketPolicy",
                    {"bucket": properties["Bucket"], "policy": document},
                )
            case "AWS::SSM::Parameter":
                given = {"name": properties["Name"], "type": properties["Type"], "value": properties["Value"]}
                yield name, "aws:ssm/parameter:Parameter", given
            case "AWS::KMS::Alias" | "AWS::IAM::OIDCProvider" | "AWS::IAM::ServiceLinkedRole":
                pass
            case kind:
                raise AssertionError(f"say how a {kind} looks to the pack")


def _role(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": properties["RoleName"],
        "assumeRolePolicy": json.dumps(properties["AssumeRolePolicyDocument"]),
        "managedPolicyArns": properties["ManagedPolicyArns"],
        "inlinePolicies": [
            {"name": one["PolicyName"], "policy": json.dumps(one["PolicyDocument"])}
            for one in properties.get("Policies", ())
        ],
    }


def _key(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "policy": json.dumps(properties["KeyPolicy"]),
        "enableKeyRotation": properties["EnableKeyRotation"],
        "deletionWindowInDays": properties["PendingWindowInDays"],
    }


def _bucket(name: str, given: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    bucket = given["BucketName"]

    def side(suffix: str, kind: str, **inputs: Any) -> tuple[str, str, Mapping[str, Any]]:
        return f"{name}{suffix}", f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}", {"bucket": bucket, **inputs}

    yield side("", "Bucket")
    versioning = {"status": given["VersioningConfiguration"]["Status"]}
    yield side("Versioning", "BucketVersioning", versioningConfiguration=versioning)
    yield side(
        "Encryption",
        "BucketServerSideEncryptionConfiguration",
        rules=[
            {
                "applyServerSideEncryptionByDefault": {
                    "sseAlgorithm": rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"],
                    "kmsMasterKeyId": rule["ServerSideEncryptionByDefault"].get("KMSMasterKeyID"),
                },
                "bucketKeyEnabled": rule.get("BucketKeyEnabled", False),
            }
            for rule in given["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        ],
    )
    blocked = given["PublicAccessBlockConfiguration"]
    lowered = {f"{key[0].lower()}{key[1:]}": value for key, value in blocked.items()}
    yield side("PublicAccess", "BucketPublicAccessBlock", **lowered)
    (ownership,) = given["OwnershipControls"]["Rules"]
    owner = {"objectOwnership": ownership["ObjectOwnership"]}
    yield side("Ownership", "BucketOwnershipControls", rule=owner)
    events = given["NotificationConfiguration"]["EventBridgeConfiguration"]["EventBridgeEnabled"]
    yield side("Events", "BucketNotification", eventbridge=events)
    yield side(
        "Lifecycle",
        "BucketLifecycleConfiguration",
        rules=[_rule(r) for r in given["LifecycleConfiguration"]["Rules"]],
    )
    if "LoggingConfiguration" in given:
        target = given["LoggingConfiguration"]
        yield side(
            "Logging",
            "BucketLogging",
            targetBucket=target["DestinationBucketName"],
            targetPrefix=target["LogFilePrefix"],
        )


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"id": rule["Id"], "status": rule["Status"], "filter": {}}
    if "NoncurrentVersionExpiration" in rule:
        days = rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
        found["noncurrentVersionExpiration"] = {"noncurrentDays": days}
    if "ExpirationInDays" in rule:
        found["expiration"] = {"days": rule["ExpirationInDays"]}
    if "AbortIncompleteMultipartUpload" in rule:
        after = rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]
        found["abortIncompleteMultipartUpload"] = {"daysAfterInitiation": after}
    return found
