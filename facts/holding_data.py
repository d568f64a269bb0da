"""Which resource types hold data: deleting or replacing one loses something that no `up` brings back.

Protection, the policies and the preview's warnings all read this one table.
"""

from collections.abc import Mapping
from typing import Any, Final

HOLDING_DATA: Final[Mapping[str, str]] = {
    "aws:backup/vault:Vault": "recovery points",
    "aws:cloudtrail/trail:Trail": "the account's audit trail",
    "aws:dynamodb/table:Table": "items",
    "aws:ebs/volume:Volume": "a file system",
    "aws:ecr/repository:Repository": "images",
    "aws:efs/fileSystem:FileSystem": "files",
    "aws:elasticache/replicationGroup:ReplicationGroup": "sessions and queues between snapshots",
    "aws:kms/key:Key": "the only means to read what it encrypts",
    "aws:opensearch/domain:Domain": "indexed logs",
    "aws:rds/cluster:Cluster": "the database",
    "aws:rds/instance:Instance": "the database",
    "aws:s3/bucket:Bucket": "objects",
    "aws:secretsmanager/secret:Secret": "credentials that nobody else has",
}
"""Type token to what is lost with it."""


def holds_data(type_token: str) -> bool:
    """Whether losing a resource of this type loses data."""
    return type_token in HOLDING_DATA


_COPIES: Final[Mapping[str, str]] = {"aws:rds/instance:Instance": "replicateSourceDb"}
"""Type token to the property of one that only replicates another, and so has nothing of its own."""


def holds_own_data(type_token: str, inputs: Mapping[str, Any]) -> bool:
    """Whether losing a resource loses data that is nowhere else.

    Args:
        type_token: the resource's type.
        inputs: its properties, in wire names.
    """
    return holds_data(type_token) and inputs.get(_COPIES.get(type_token, "")) is None
