"""A private bucket: everything that AWS splits into side resources, in one place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_aws import iam, s3

from components.base import Component
from components.context import Context
from components.encryption import Key
from components.iam import Statement, only_for, only_tls, policy_document, trust_document, use_key


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectLock:
    """Versions cannot be deleted for so many days. In compliance mode not even by root."""

    mode: Literal["GOVERNANCE", "COMPLIANCE"]
    days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Replica:
    """The bucket in another region that receives every object."""

    bucket: "PrivateBucket"
    key: Key
    region: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BucketArgs:
    """What a bucket is for."""

    bucket_name: str
    key: Key | None
    """None encrypts with S3's own key: only where the writer takes no other, and the caller says why."""
    expire_after_days: int | None = None
    """Current versions go after so many days; None keeps them."""
    noncurrent_days: int = 30
    """What was overwritten or deleted can be brought back for so many days."""
    lock: ObjectLock | None = None
    access_logs: "PrivateBucket | None" = None
    """Where S3 writes who read what."""
    statements: Sequence[Statement] = ()
    """Who may reach the bucket beside the account's own roles."""
    replica: Replica | None = None


class PrivateBucket(Component):
    """An S3 bucket that only this account and the stated services reach.

    Guarantees: versioned, encrypted, TLS only, no public access, no ACLs, unfinished uploads
    removed, and an event stream to EventBridge.

    It lives in the region of the provider that its options give, with every one of its dozen resources.
    """

    def __init__(
        self, name: str, context: Context, args: BucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:storage:PrivateBucket", name, context, opts)
        self.bucket_name = args.bucket_name
        self.bucket_arn = context.bucket_arn(args.bucket_name)
        bucket = s3.Bucket(
            name,
            bucket=args.bucket_name,
            object_lock_enabled=args.lock is not None,
            opts=self.child(),
        )
        self.bucket = bucket.bucket
        self.regional_domain_name = bucket.bucket_regional_domain_name
        self.versioning = s3.BucketVersioning(
            f"{name}-versioning",
            bucket=self.bucket,
            versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=self.child(),
        )
        self._encrypt(args.key)
        self._close(args.statements)
        self._expire(args)
        s3.BucketNotification(f"{name}-events", bucket=self.bucket, eventbridge=True, opts=self.child())
        if args.access_logs is not None:
            s3.BucketLogging(
                f"{name}-logging",
                bucket=self.bucket,
                target_bucket=args.access_logs.bucket,
                target_prefix=f"s3/{args.bucket_name}/",
                # S3 tries the target at once, so the target's policy must already let it in.
                opts=self.child(depends_on=[args.access_logs.policy]),
            )
        if args.lock is not None:
            self._lock(args.lock)
        if args.replica is not None:
            self._replicate(args.replica, args.key)
        self.register_outputs({"bucket_name": self.bucket_name})

    def _encrypt(self, key: Key | None) -> None:
        by_default = s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="AES256" if key is None else "aws:kms",
            kms_master_key_id=None if key is None else key.arn,
        )
        s3.BucketServerSideEncryptionConfiguration(
            f"{self.pulumi_resource_name}-encryption",
            bucket=self.bucket,
            rules=[
                s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=by_default, bucket_key_enabled=key is not None
                )
            ],
            opts=self.child(),
        )

    def _close(self, statements: Sequence[Statement]) -> None:
        name = self.pulumi_resource_name
        public_access = s3.BucketPublicAccessBlock(
            f"{name}-public-access",
            bucket=self.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.child(),
        )
        s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=self.bucket,
            rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=self.child(),
        )
        tls = only_tls([self.bucket_arn, f"{self.bucket_arn}/*"], "s3")
        # S3 answers "conflicting operation" when policy and public access block change at once.
        self.policy = s3.BucketPolicy(
            f"{name}-policy",
            bucket=self.bucket,
            policy=policy_document(tls, *statements),
            opts=self.child(depends_on=[public_access]),
        )

    def _expire(self, args: BucketArgs) -> None:
        rules = [
            s3.BucketLifecycleConfigurationRuleArgs(
                id="old-versions-and-unfinished-uploads",
                status="Enabled",
                filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                noncurrent_version_expiration=(
                    s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                        noncurrent_days=args.noncurrent_days
                    )
                ),
                abort_incomplete_multipart_upload=(
                    s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=7
                    )
                ),
            )
        ]
        if args.expire_after_days is not None:
            rules.append(
                s3.BucketLifecycleConfigurationRuleArgs(
                    id="expiry",
                    status="Enabled",
                    filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=args.expire_after_days),
                )
            )
        # Lifecycle rules about versions want versioning to be on first.
        s3.BucketLifecycleConfiguration(
            f"{self.pulumi_resource_name}-lifecycle",
            bucket=self.bucket,
            rules=rules,
            opts=self.child(depends_on=[self.versioning]),
        )

    def _lock(self, lock: ObjectLock) -> None:
        s3.BucketObjectLockConfiguration(
            f"{self.pulumi_resource_name}-lock",
            bucket=self.bucket,
            rule=s3.BucketObjectLockConfigurationRuleArgs(
                default_retention=s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                    mode=lock.mode, days=lock.days
                )
            ),
            opts=self.child(depends_on=[self.versioning]),
        )

    def _replicate(self, replica: Replica, key: Key | None) -> None:
        """Replication with time control: 99.99 % of objects within 15 minutes, and metrics that tell.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html
        """
        name = self.pulumi_resource_name
        within_15_minutes = 15
        role = self._replication_role(replica, key)
        destination = s3.BucketReplicationConfigRuleDestinationArgs(
            bucket=replica.bucket.bucket_arn,
            storage_class="STANDARD_IA",
            encryption_configuration=s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
                replica_kms_key_id=replica.key.arn
            ),
            metrics=s3.BucketReplicationConfigRuleDestinationMetricsArgs(
                status="Enabled",
                event_threshold=s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs(
                    minutes=within_15_minutes
                ),
            ),
            replication_time=s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs(
                status="Enabled",
                time=s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs(
                    minutes=within_15_minutes
                ),
            ),
        )
        source_selection = s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
            sse_kms_encrypted_objects=(
                s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
                    status="Enabled"
                )
            )
        )
        s3.BucketReplicationConfig(
            f"{name}-replication",
            bucket=self.bucket,
            role=role.arn,
            rules=[
                s3.BucketReplicationConfigRuleArgs(
                    id="everything",
                    status="Enabled",
                    priority=0,
                    filter=s3.BucketReplicationConfigRuleFilterArgs(prefix=""),
                    destination=destination,
                    source_selection_criteria=source_selection,
                    # A deletion here must not reach the copy that is kept against deletions.
                    delete_marker_replication=s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(
                        status="Disabled"
                    ),
                )
            ],
            opts=self.child(depends_on=[self.versioning, replica.bucket.versioning]),
        )

    def _replication_role(self, replica: Replica, key: Key | None) -> iam.Role:
        """https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html."""
        name, context = self.pulumi_resource_name, self.context
        role = iam.Role(
            f"{name}-replication",
            name=context.name(name, "replication", limit=64),
            assume_role_policy=trust_document(
                "s3.amazonaws.com", conditions=only_for(context, self.bucket_arn)
            ),
            opts=self.child(),
        )
        statements = [
            Statement(
                actions=["s3:GetReplicationConfiguration", "s3:ListBucket"], resources=[self.bucket_arn]
            ),
            Statement(
                actions=[
                    "s3:GetObjectVersionForReplication",
                    "s3:GetObjectVersionAcl",
                    "s3:GetObjectVersionTagging",
                    "s3:GetObjectRetention",
                    "s3:GetObjectLegalHold",
                ],
                resources=[f"{self.bucket_arn}/*"],
            ),
            Statement(
                actions=["s3:ReplicateObject", "s3:ReplicateTags"],
                resources=[f"{replica.bucket.bucket_arn}/*"],
            ),
            use_key(context, replica.key.alias, "kms:Encrypt", "kms:GenerateDataKey", region=replica.region),
        ]
        if key is not None:
            statements.append(use_key(context, key.alias, "kms:Decrypt"))
        iam.RolePolicy(
            f"{name}-replication",
            role=role.name,
            policy=policy_document(*statements),
            opts=self.child(),
        )
        return role
