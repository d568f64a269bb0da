"""What holds data is encrypted, protected and backed up."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Final

from facts.holding_data import holds_data
from preview.graph import Resource
from tests.program.invariants.look import (
    BUCKET,
    CACHE,
    DOMAIN,
    FUNCTION,
    INSTANCE,
    KEY,
    LOAD_BALANCER,
    LOG_GROUP,
    SECRET,
    TOPIC,
    TRAIL,
    VAULT,
    at,
    custom,
    is_copy,
    items,
    key_problems,
    region_of,
    side,
    sides,
)
from tests.program.stacks import Built

How = Callable[[Built, Resource], Iterator[str]]

_REPLICATION: Final = "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication"
_LONGEST_WAIT_DAYS: Final = 30


def data_is_encrypted_with_a_key_of_ours(stack: Built) -> Iterator[str]:
    """Whatever holds data is encrypted with a key of the stack and of its own region, where AWS takes one."""
    for resource in custom(stack.known):
        if holds_data(resource.type):
            how = ENCRYPTION.get(resource.type)
            problems = how(stack, resource) if how else ["nobody has said how its type is encrypted"]
            yield from (f"{resource.urn}: {problem}" for problem in problems)


def _by(*path: str, switches: tuple[tuple[str, ...], ...] = ()) -> How:
    """By a key at a path, with switches that have to be on."""

    def how(stack: Built, resource: Resource) -> Iterator[str]:
        yield from key_problems(stack, at(resource.inputs, *path), region_of(stack, resource))
        for switch in switches:
            if at(resource.inputs, *switch) is not True:
                yield f"{'.'.join(switch)} is not on"

    return how


def _key(_stack: Built, key: Resource) -> Iterator[str]:
    if key.inputs.get("enableKeyRotation") is not True:
        yield "it is not rotated"


def _instance(stack: Built, instance: Resource) -> Iterator[str]:
    """A restored or replicating instance takes its source's key."""
    inputs, region = instance.inputs, region_of(stack, instance)
    if inputs.get("storageEncrypted") is not True:
        yield "storageEncrypted is not on"
    if not inputs.keys() & {"replicateSourceDb", "restoreToPointInTime", "snapshotIdentifier"}:
        yield from key_problems(stack, inputs.get("kmsKeyId"), region)
    yield from key_problems(stack, inputs.get("performanceInsightsKmsKeyId"), region)


def _secret(stack: Built, secret: Resource) -> Iterator[str]:
    yield from key_problems(stack, secret.inputs.get("kmsKeyId"), region_of(stack, secret))
    for replica in items(secret.inputs, "replicas"):
        yield from key_problems(stack, replica.get("kmsKeyId"), replica["region"])


def _bucket(stack: Built, bucket: Resource) -> Iterator[str]:
    """AWS' own key only where the writer, S3's access log or a load balancer, takes no other.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """
    name = bucket["bucket"]
    encryption = side(stack.known, "BucketServerSideEncryptionConfiguration", name)
    default = at(encryption, "rules", 0, "applyServerSideEncryptionByDefault")
    if at(default, "sseAlgorithm") != "AES256" or name not in _log_targets(stack):
        yield from key_problems(stack, at(default, "kmsMasterKeyId"), region_of(stack, bucket))


def _log_targets(stack: Built) -> set[str]:
    logging = [one["targetBucket"] for one in sides(stack.known, "BucketLogging").values()]
    balancers = [at(one.inputs, "accessLogs", "bucket") for one in stack.known.all(LOAD_BALANCER)]
    return {*logging, *balancers}


ENCRYPTION: Final[Mapping[str, How]] = {
    BUCKET: _bucket,
    CACHE: _by("kmsKeyId", switches=(("atRestEncryptionEnabled",), ("transitEncryptionEnabled",))),
    DOMAIN: _by(
        "encryptAtRest",
        "kmsKeyId",
        switches=(
            ("encryptAtRest", "enabled"),
            ("nodeToNodeEncryption", "enabled"),
            ("domainEndpointOptions", "enforceHttps"),
        ),
    ),
    INSTANCE: _instance,
    KEY: _key,
    SECRET: _secret,
    TRAIL: _by("kmsKeyId"),
    VAULT: _by("kmsKeyArn"),
}
"""How each type that holds data is encrypted."""


def what_passes_through_is_encrypted_too(stack: Built) -> Iterator[str]:
    """Queues, topics, logs, volumes and the variables of functions, by keys of their own regions."""
    for resource in custom(stack.known):
        if resource.type in PASSING:
            key = at(resource.inputs, *PASSING[resource.type])
            problems = key_problems(stack, key, region_of(stack, resource))
            yield from (f"{resource.urn}: {problem}" for problem in problems)


PASSING: Final[Mapping[str, tuple[str | int, ...]]] = {
    "aws:codebuild/project:Project": ("encryptionKey",),
    "aws:ec2/instance:Instance": ("rootBlockDevice", "kmsKeyId"),
    "aws:ec2/launchTemplate:LaunchTemplate": ("blockDeviceMappings", 0, "ebs", "kmsKeyId"),
    "aws:sqs/queue:Queue": ("kmsMasterKeyId",),
    FUNCTION: ("kmsKeyArn",),
    LOG_GROUP: ("kmsKeyId",),
    TOPIC: ("kmsMasterKeyId",),
    _REPLICATION: ("kmsKeyId",),
}
"""Where types that hold data only for a while name their keys."""


def data_is_protected_as_the_stack_says(stack: Built) -> Iterator[str]:
    """By Pulumi and by AWS alike, or by neither: without protection a stack can be destroyed."""
    protected = stack.project.settings.environment.protect
    for resource in custom(stack.known):
        wanted = protected and not is_copy(resource)
        if holds_data(resource.type) and resource.options.protect is not wanted:
            yield f"{resource.urn}: Pulumi's protection is {resource.options.protect}"
        switch = SWITCHES.get(resource.type)
        if switch and resource.inputs.get(switch) is not wanted:
            yield f"{resource.urn}: {switch} is {resource.inputs.get(switch)}"


SWITCHES: Final = {INSTANCE: "deletionProtection", LOAD_BALANCER: "enableDeletionProtection"}
"""Where AWS has a protection of its own."""


def what_is_deleted_can_be_brought_back(stack: Built) -> Iterator[str]:
    """Protected or not: there is a last snapshot or a time to think, or it has to be emptied first."""
    for resource in custom(stack.known):
        inputs = resource.inputs
        gone = {
            BUCKET: bool(inputs.get("forceDestroy")),
            CACHE: not inputs.get("finalSnapshotIdentifier"),
            INSTANCE: not is_copy(resource)
            and (inputs.get("skipFinalSnapshot") is not False or not inputs.get("finalSnapshotIdentifier")),
            KEY: inputs.get("deletionWindowInDays") != _LONGEST_WAIT_DAYS,
            SECRET: inputs.get("recoveryWindowInDays") != _LONGEST_WAIT_DAYS,
            VAULT: bool(inputs.get("forceDestroy")),
        }
        if gone.get(resource.type, False):
            yield f"{resource.urn}: once it is deleted nothing of it is left"


def data_is_backed_up(stack: Built) -> Iterator[str]:
    """Whatever holds data is kept where its loss does not reach, for as long as the guide says."""
    for resource in custom(stack.known):
        if holds_data(resource.type) and not is_copy(resource) and resource.type not in NOT_COPIED:
            how = BACKUP.get(resource.type)
            problems = how(stack, resource) if how else ["nobody has said how its type is backed up"]
            yield from (f"{resource.urn}: {problem}" for problem in problems)


def _instance_backup(stack: Built, instance: Resource) -> Iterator[str]:
    """By RDS, by AWS Backup and, if it is the active one, in the recovery region."""
    inputs, arn = instance.inputs, instance.outputs["arn"]
    guide, settings = stack.project.guide.backup, stack.project.settings
    if inputs.get("backupRetentionPeriod", 0) < guide.retention_days:
        yield f"RDS keeps its backups for {inputs.get('backupRetentionPeriod')} days"
    if inputs.get("deleteAutomatedBackups") is not False:
        yield "its backups go with it"
    selections = stack.known.all("aws:backup/selection:Selection")
    if arn not in chain.from_iterable(items(one.inputs, "resources") for one in selections):
        yield "AWS Backup does not select it"
    if inputs["identifier"].endswith(f"-{settings.database.active}"):
        replicated = {one["sourceDbInstanceArn"]: one for one in stack.known.all(_REPLICATION)}.get(arn)
        if not replicated or region_of(stack, replicated) != settings.environment.recovery_region:
            yield "its backups do not reach the recovery region"
        elif replicated["retentionPeriod"] < guide.retention_days:
            yield f"the recovery region keeps its backups for {replicated['retentionPeriod']} days"


def _cache_backup(stack: Built, cache: Resource) -> Iterator[str]:
    days = cache.inputs.get("snapshotRetentionLimit", 0)
    if days < stack.project.guide.backup.retention_days:
        yield f"its snapshots are kept for {days} days"


def _secret_backup(stack: Built, secret: Resource) -> Iterator[str]:
    regions = [replica["region"] for replica in items(secret.inputs, "replicas")]
    if regions != [stack.project.settings.environment.recovery_region]:
        yield f"it is replicated to {regions}"


def _bucket_backup(stack: Built, bucket: Resource) -> Iterator[str]:
    """By its old versions. What cannot be deleted early because it is a backup lies in two regions."""
    name = bucket["bucket"]
    if at(side(stack.known, "BucketVersioning", name), "versioningConfiguration", "status") != "Enabled":
        yield "it has no versions"
    rules = items(side(stack.known, "BucketLifecycleConfiguration", name), "rules")
    if not any(at(rule, "noncurrentVersionExpiration", "noncurrentDays") for rule in rules):
        yield "nothing says for how long its old versions stay"
    locked = "-dumps-" in name and side(stack.known, "BucketObjectLockConfiguration", name)
    if locked and region_of(stack, bucket) == stack.region:
        target = at(side(stack.known, "BucketReplicationConfig", name), "rules", 0, "destination", "bucket")
        regions = {one.outputs["arn"]: region_of(stack, one) for one in stack.known.all(BUCKET)}
        if regions.get(target) != stack.project.settings.environment.recovery_region:
            yield f"it is replicated to {target}"


def _vault_backup(stack: Built, vault: Resource) -> Iterator[str]:
    """Every rule that fills it copies on, into a vault of the recovery region."""
    regions = {one.outputs["arn"]: region_of(stack, one) for one in stack.known.all(VAULT)}
    plans = stack.known.all("aws:backup/plan:Plan")
    for rule in chain.from_iterable(items(plan.inputs, "rules") for plan in plans):
        copies = [regions.get(copy["destinationVaultArn"]) for copy in items(rule, "copyActions")]
        if (
            rule["targetVaultName"] == vault["name"]
            and stack.project.settings.environment.recovery_region not in copies
        ):
            yield f"rule {rule['ruleName']} copies to {copies}"


BACKUP: Final[Mapping[str, How]] = {
    BUCKET: _bucket_backup,
    CACHE: _cache_backup,
    INSTANCE: _instance_backup,
    SECRET: _secret_backup,
    VAULT: _vault_backup,
}
"""How types that hold data are backed up."""

NOT_COPIED: Final[Mapping[str, str]] = {
    # OpenSearch takes hourly snapshots by itself:
    # https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-snapshots.html
    DOMAIN: "the index can be filled again from CloudWatch's logs",
    KEY: "a key cannot be copied: there is a month until it is deleted",
    TRAIL: "what it records lies in its bucket",
}
"""Types that hold data and need no copy, with the reason."""
