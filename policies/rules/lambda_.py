"""Lambda: functions, their addresses and layers. Who may call them is in `iam`."""

from typing import Final

from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.view import Resource, every_holds

_FUNCTION: Final = "aws:lambda/function:Function"

_UNSUPPORTED: Final = frozenset(
    {
        "dotnet5.0",
        "dotnet6",
        "dotnet7",
        "dotnet8",
        "dotnetcore1.0",
        "dotnetcore2.0",
        "dotnetcore2.1",
        "dotnetcore3.1",
        "go1.x",
        "java8",
        "nodejs",
        "nodejs4.3",
        "nodejs4.3-edge",
        "nodejs6.10",
        "nodejs8.10",
        "nodejs10.x",
        "nodejs12.x",
        "nodejs14.x",
        "nodejs16.x",
        "nodejs18.x",
        "nodejs20.x",
        "provided",
        "provided.al2",
        "python2.7",
        "python3.6",
        "python3.7",
        "python3.8",
        "python3.9",
        "python3.10",
        "ruby2.5",
        "ruby2.7",
        "ruby3.2",
    }
)
"""The runtimes that get no more security updates, as of November 2026:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html#runtimes-deprecated"""

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/lambda-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/lambda/latest/dg"


@rule(
    name="lambda-function-supported-runtime",
    title="Functions run on a runtime that AWS still maintains",
    severity=Severity.MEDIUM,
    controls=("Lambda.2",),
    types=(_FUNCTION,),
    why="A deprecated runtime gets no security updates, and one day the function can no longer be changed.",
    fix="""
        aws.lambda_.Function("function", runtime="python3.13", handler="handler.handler", code=code)
    """,
    link=f"{_FSBP}#lambda-2",
)
def function_supported_runtime(function: Resource) -> Problems:
    """A container image brings its own runtime. One that AWS will add counts as maintained."""
    if function.text("packageType") == "Image" or not function.is_present("runtime"):
        return OUT_OF_SCOPE
    return "runtime is deprecated" if function.text("runtime") in _UNSUPPORTED else None


@rule(
    name="lambda-function-in-vpc",
    title="Functions run in a VPC",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    controls=("Lambda.3",),
    types=(_FUNCTION,),
    why="Outside of a VPC, neither security groups nor endpoints limit where a function sends data.",
    fix="""
        aws.lambda_.Function(
            "function",
            vpc_config={"subnet_ids": [subnet_a.id, subnet_b.id], "security_group_ids": [group.id]},
        )
    """,
    link=f"{_FSBP}#lambda-3",
)
def function_in_vpc(function: Resource) -> Problems:
    """By default it runs outside."""
    return None if function.is_present("vpcConfig.subnetIds") else "it has no vpc_config"


@rule(
    name="lambda-function-several-zones",
    title="Functions in a VPC run in several availability zones",
    severity=Severity.MEDIUM,
    controls=("Lambda.5",),
    types=(_FUNCTION,),
    why="When its only zone fails, the function fails.",
    fix="""
        aws.lambda_.Function(
            "function",
            vpc_config={"subnet_ids": [subnet_a.id, subnet_b.id], "security_group_ids": [group.id]},
        )
    """,
    link=f"{_FSBP}#lambda-5",
)
def function_several_zones(function: Resource) -> Problems:
    """Outside of a VPC, AWS uses several by itself."""
    if not function.is_present("vpcConfig.subnetIds"):
        return OUT_OF_SCOPE
    return None if function.count("vpcConfig.subnetIds") > 1 else "vpc_config.subnet_ids has only one"


@rule(
    name="lambda-function-environment-with-own-key",
    title="The environment variables of functions are encrypted with a key of one's own",
    severity=Severity.LOW,
    types=(_FUNCTION,),
    why="Under AWS's key, whoever sees the function's settings reads them; one's own key takes a right.",
    fix="""
        aws.lambda_.Function("function", kms_key_arn=key.arn)
    """,
    link=f"{_GUIDE}/configuration-envvars-encryption.html",
)
def function_environment_with_own_key(function: Resource) -> Problems:
    """Without a key, AWS takes its own. Without variables, there is nothing to encrypt."""
    if not function.is_present("environment.variables"):
        return OUT_OF_SCOPE
    return None if function.is_present("kmsKeyArn") else "it has no kms_key_arn"


@rule(
    name="lambda-function-address-authenticated",
    title="Addresses of functions ask who calls",
    severity=Severity.CRITICAL,
    controls=("Lambda.1",),
    types=("aws:lambda/functionUrl:FunctionUrl",),
    why="Everyone on the internet runs the function, with its role and on the account's bill.",
    fix="""
        aws.lambda_.FunctionUrl("address", function_name=function.name, authorization_type="AWS_IAM")
    """,
    link=f"{_FSBP}#lambda-1",
)
def function_address_authenticated(address: Resource) -> Problems:
    """The kind of authorisation has to be stated; any but IAM's is none."""
    return None if address.text("authorizationType") == "AWS_IAM" else "authorization_type is not AWS_IAM"


@rule(
    name="lambda-layer-not-public",
    title="Layers are not for everyone",
    severity=Severity.HIGH,
    types=("aws:lambda/layerVersionPermission:LayerVersionPermission",),
    why="Everyone with an AWS account reads the code in the layer, and whatever was left in it.",
    fix="""
        aws.lambda_.LayerVersionPermission(
            "organisation",
            layer_name=layer.layer_name,
            version_number=3,
            statement_id="organisation",
            action="lambda:GetLayerVersion",
            principal="*",
            organization_id="o-a1b2c3d4e5",
        )
    """,
    link=f"{_GUIDE}/permissions-layer-cross-account.html",
)
def layer_not_public(permission: Resource) -> Problems:
    """An organisation limits who everyone is."""
    public = every_holds(
        lambda: permission.text("principal") == "*", lambda: not permission.is_present("organizationId")
    )
    return "it lets everyone use the layer" if public else None
