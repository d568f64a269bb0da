"""SQS: queues. Whom a queue's policy lets in is in `iam`."""

from typing import Final

from policies.rule import Problems, Severity, rule
from policies.view import Resource

_QUEUE: Final = "aws:sqs/queue:Queue"


@rule(
    name="sqs-queue-encrypted",
    title="Queues are encrypted",
    severity=Severity.MEDIUM,
    controls=("SQS.1",),
    types=(_QUEUE,),
    why="Messages wait on AWS's disks, readable for whoever gets at them.",
    fix="""
        aws.sqs.Queue("queue", kms_master_key_id=key.id)
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/sqs-controls.html#sqs-1",
)
def queue_encrypted(queue: Resource) -> Problems:
    """AWS encrypts a new queue with SQS's own key unless that is turned off."""
    if queue.is_present("kmsMasterKeyId") or queue.flag("sqsManagedSseEnabled", default=True):
        return None
    return "sqs_managed_sse_enabled is off, and it has no kms_master_key_id"


@rule(
    name="sqs-queue-encrypted-with-own-key",
    title="Queues are encrypted with a key of one's own",
    severity=Severity.LOW,
    types=(_QUEUE,),
    why="AWS's key cannot be revoked, nor its policy limited.",
    fix="""
        aws.sqs.Queue("queue", kms_master_key_id=key.id)
    """,
    link="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html",
)
def queue_encrypted_with_own_key(queue: Resource) -> Problems:
    """By default it is SQS's own key; AWS's key of the account is called by its alias."""
    if not queue.is_present("kmsMasterKeyId"):
        return "it has no kms_master_key_id"
    key = queue.raw("kmsMasterKeyId")
    return "kms_master_key_id is AWS's" if isinstance(key, str) and "alias/aws/" in key else None
