"""How the invariants look at a stack."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from preview.graph import Graph, Resource
from preview.values import Secret
from tests.program.stacks import Built

BUCKET: Final = "aws:s3/bucket:Bucket"
CACHE: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
DOMAIN: Final = "aws:opensearch/domain:Domain"
FUNCTION: Final = "aws:lambda/function:Function"
INSTANCE: Final = "aws:rds/instance:Instance"
KEY: Final = "aws:kms/key:Key"
LOAD_BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105 (a type)
TOPIC: Final = "aws:sns/topic:Topic"
TRAIL: Final = "aws:cloudtrail/trail:Trail"
VAULT: Final = "aws:backup/vault:Vault"


def at(value: Any, *path: str | int) -> Any:
    """What lies at a path inside of a value; None where it ends early."""
    for step in path:
        inner = value.value if isinstance(value, Secret) else value
        match inner, step:
            case Mapping(), str():
                value = cast("Mapping[str, Any]", inner).get(step)
            case list(), int():
                items = cast("list[Any]", inner)
                value = items[step] if step < len(items) else None
            case _:
                return None
    return value


def items(value: Any, *path: str | int) -> list[Any]:
    """The list at a path; an empty one where there is none."""
    found = at(value, *path)
    return cast("list[Any]", found) if isinstance(found, list) else []


def custom(graph: Graph) -> list[Resource]:
    """What providers make: neither components nor the stack."""
    return [resource for resource in graph.resources if resource.custom]


def region_of(stack: Built, resource: Resource) -> str:
    """Where a resource is: it says so itself, or its provider does, or it is at home."""
    provider = stack.known.by_urn.get(resource.options.provider.rpartition("::")[0])
    regions = (resource.inputs.get("region"), provider and provider.inputs.get("region"), stack.region)
    return next(filter(None, regions))


def is_copy(resource: Resource) -> bool:
    """Whether it holds what another resource holds."""
    return "replicateSourceDb" in resource.inputs


def sides(graph: Graph, kind: str) -> dict[str, Resource]:
    """The side resources of buckets of one kind, `BucketPolicy`, by the bucket's name."""
    token = f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}"
    return {resource["bucket"]: resource for resource in graph.all(token)}


def side(graph: Graph, kind: str, bucket: str) -> Mapping[str, Any]:
    """What a side resource of a bucket says; nothing where there is none."""
    found = sides(graph, kind).get(bucket)
    return found.inputs if found else {}


def key_problems(stack: Built, arn: Any, region: str) -> Iterator[str]:
    """Whether an ARN is that of a declared key of a region."""
    keys = {key.outputs["arn"]: region_of(stack, key) for key in stack.known.all(KEY)}
    if arn not in keys:
        yield f"its key is {arn!r}, which is none of this stack's"
    elif keys[arn] != region:
        yield f"its key is in {keys[arn]}, but it is in {region}"
