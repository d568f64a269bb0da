"""CloudTrail: who did what in the account, kept where nobody can change it."""

from typing import Final

from policies.account import is_accounts
from policies.rule import OUT_OF_SCOPE, STACK_TYPE, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource, View, all_hold, any_holds

_TRAIL: Final = "aws:cloudtrail/trail:Trail"
_BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_LOGGINGS: Final = ("aws:s3/bucketLogging:BucketLogging", "aws:s3/bucketLoggingV2:BucketLoggingV2")
_BLOCKED: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html"


@rule(
    name="cloudtrail-account-has-trail",
    title="The account records what is done in all its regions",
    severity=Severity.HIGH,
    controls=("CloudTrail.1", "CloudTrail.3", "CIS 3.1"),
    types=(STACK_TYPE,),
    why="Without a trail nobody can say afterwards who did what, nor notice it while it happens.",
    fix="""
        aws.cloudtrail.Trail(
            "trail", s3_bucket_name=bucket.bucket, is_multi_region_trail=True, enable_log_file_validation=True
        )
    """,
    link=f"{_FSBP}#cloudtrail-1",
)
def account_has_trail(_stack: Resource, stack: Stack) -> Problems:
    """A trail is of one region and records, unless it says otherwise."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    if any_holds(
        lambda t: t.flag("isMultiRegionTrail", default=False) and t.flag("enableLogging", default=True),
        stack.all(_TRAIL),
    ):
        return None
    return "it has no Trail that records all regions"


@rule(
    name="cloudtrail-trail-all-regions",
    title="Trails record all regions, with IAM and the other global services",
    severity=Severity.HIGH,
    controls=("CloudTrail.1", "CIS 3.1"),
    types=(_TRAIL,),
    why="Whoever knows which region is not watched works there.",
    fix="""
        aws.cloudtrail.Trail(
            "trail",
            s3_bucket_name=bucket.bucket,
            is_multi_region_trail=True,
            include_global_service_events=True,
        )
    """,
    link=f"{_FSBP}#cloudtrail-1",
)
def trail_all_regions(trail: Resource) -> Problems:
    """It is of one region where nothing is said, and includes global services."""
    if not trail.flag("isMultiRegionTrail", default=False):
        yield "is_multi_region_trail is not on"
    if not trail.flag("includeGlobalServiceEvents", default=True):
        yield "include_global_service_events is off"


@rule(
    name="cloudtrail-trail-records",
    title="Trails record",
    severity=Severity.HIGH,
    controls=("CloudTrail.3", "CIS 3.1"),
    types=(_TRAIL,),
    why="A trail that is switched off looks like one and records nothing.",
    fix="""
        aws.cloudtrail.Trail("trail", s3_bucket_name=bucket.bucket, enable_logging=True)
    """,
    link=f"{_FSBP}#cloudtrail-3",
)
def trail_records(trail: Resource) -> Problems:
    """It records where nothing is said."""
    return None if trail.flag("enableLogging", default=True) else "enable_logging is off"


@rule(
    name="cloudtrail-trail-management-events",
    title="Trails record every management event, read and write, of every service",
    severity=Severity.HIGH,
    controls=("CloudTrail.1", "CIS 3.1"),
    types=(_TRAIL,),
    why="What is left out is what somebody will ask for: reads show who looked, KMS who decrypted.",
    fix="""
        aws.cloudtrail.Trail(
            "trail",
            s3_bucket_name=bucket.bucket,
            event_selectors=[{"include_management_events": True, "read_write_type": "All"}],
        )
    """,
    link=f"{_FSBP}#cloudtrail-1",
)
def trail_management_events(trail: Resource) -> Problems:
    """Without selectors a trail records all of them, and a selector does unless it says otherwise."""
    basic, advanced = trail.objects("eventSelectors"), trail.objects("advancedEventSelectors")
    if not basic and not advanced:
        return None
    if any_holds(_selects_management, basic) or any_holds(_selects_management_by_fields, advanced):
        return None
    return "no event selector includes all management events"


def _selects_management(selector: View) -> bool:
    return (
        selector.flag("includeManagementEvents", default=True)
        and selector.text("readWriteType", default="All") == "All"
        and not selector.is_present("excludeManagementEventSources")
    )


def _selects_management_by_fields(selector: View) -> bool:
    """Every further field would leave something out."""
    return all_hold(
        lambda field: field.text("field") == "eventCategory" and "Management" in field.texts("equals"),
        selector.objects("fieldSelectors"),
    )


@rule(
    name="cloudtrail-trail-object-writes",
    title="A trail records writes of objects in buckets",
    severity=Severity.LOW,
    controls=("CIS 3.8",),
    types=(_TRAIL,),
    why="Without them nobody can say who overwrote or deleted what a bucket held.",
    fix="""
        aws.cloudtrail.Trail(
            "trail",
            s3_bucket_name=bucket.bucket,
            event_selectors=[{
                "read_write_type": "All",
                "include_management_events": True,
                "data_resources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}],
            }],
        )
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-22",
)
def trail_object_writes(_trail: Resource, stack: Stack) -> Problems:
    """One trail of the stack that does is enough. None does where nothing is said."""
    if _records_objects(stack, "WriteOnly", read="false"):
        return None
    return "no trail records writes of objects in every bucket"


@rule(
    name="cloudtrail-trail-object-reads",
    title="A trail records reads of objects in buckets",
    severity=Severity.LOW,
    controls=("CIS 3.9",),
    types=(_TRAIL,),
    why="Without them nobody can say after an intrusion whose data was read.",
    fix="""
        aws.cloudtrail.Trail(
            "trail",
            s3_bucket_name=bucket.bucket,
            event_selectors=[{
                "read_write_type": "All",
                "include_management_events": True,
                "data_resources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}],
            }],
        )
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-23",
)
def trail_object_reads(_trail: Resource, stack: Stack) -> Problems:
    """One trail of the stack that does is enough. None does where nothing is said."""
    if _records_objects(stack, "ReadOnly", read="true"):
        return None
    return "no trail records reads of objects in every bucket"


def _records_objects(stack: Stack, kind: str, *, read: str) -> bool:
    """Whether some trail records one kind of event about the objects of every bucket.

    Args:
        stack: with the trails.
        kind: the type of a basic selector that selects these events alone.
        read: what the field `readOnly` of an advanced selector is for them.
    """

    def basic(selector: View) -> bool:
        return selector.text("readWriteType", default="All") in ("All", kind) and any_holds(
            lambda resources: (
                resources.text("type") == "AWS::S3::Object"
                and any_holds(_every_bucket, resources.texts("values"))
            ),
            selector.objects("dataResources"),
        )

    def advanced(selector: View) -> bool:
        fields = {field.text("field"): field for field in selector.objects("fieldSelectors")}
        wanted = {"eventCategory": "Data", "resources.type": "AWS::S3::Object", "readOnly": read}
        return (
            fields.keys() <= wanted.keys()
            and {"eventCategory", "resources.type"} <= fields.keys()
            and all(wanted[name] in field.texts("equals") for name, field in fields.items())
        )

    return any_holds(
        lambda found: (
            any_holds(basic, found.objects("eventSelectors"))
            or any_holds(advanced, found.objects("advancedEventSelectors"))
        ),
        stack.all(_TRAIL),
    )


def _every_bucket(value: str) -> bool:
    return value.endswith((":s3", ":s3:::"))


@rule(
    name="cloudtrail-trail-encrypted-with-key",
    title="Trails are encrypted with a KMS key",
    severity=Severity.MEDIUM,
    controls=("CloudTrail.2", "CIS 3.5"),
    types=(_TRAIL,),
    why="With a key of one's own, reading the trail takes a right on the key as well.",
    fix="""
        aws.cloudtrail.Trail("trail", s3_bucket_name=bucket.bucket, kms_key_id=key.arn)
    """,
    link=f"{_FSBP}#cloudtrail-2",
)
def trail_encrypted_with_key(trail: Resource) -> Problems:
    """That there is a key is enough; without one, S3's own encrypts the files."""
    return None if trail.is_present("kmsKeyId") else "it has no kms_key_id"


@rule(
    name="cloudtrail-trail-validates-files",
    title="Trails sign their log files",
    severity=Severity.LOW,
    controls=("CloudTrail.4", "CIS 3.2"),
    types=(_TRAIL,),
    why="Without the digests, nobody can prove that a log file was not changed.",
    fix="""
        aws.cloudtrail.Trail("trail", s3_bucket_name=bucket.bucket, enable_log_file_validation=True)
    """,
    link=f"{_FSBP}#cloudtrail-4",
)
def trail_validates_files(trail: Resource) -> Problems:
    """It is off where nothing is said."""
    on = trail.flag("enableLogFileValidation", default=False)
    return None if on else "enable_log_file_validation is not on"


@rule(
    name="cloudtrail-trail-to-cloudwatch",
    title="Trails send their events to CloudWatch Logs",
    severity=Severity.LOW,
    controls=("CloudTrail.5",),
    types=(_TRAIL,),
    why="Files in a bucket alarm nobody.",
    fix="""
        aws.cloudtrail.Trail(
            "trail",
            s3_bucket_name=bucket.bucket,
            cloud_watch_logs_group_arn=group.arn.apply(lambda arn: f"{arn}:*"),
            cloud_watch_logs_role_arn=role.arn,
        )
    """,
    link=f"{_FSBP}#cloudtrail-5",
)
def trail_to_cloudwatch(trail: Resource) -> Problems:
    """That there is a log group is enough."""
    return None if trail.is_present("cloudWatchLogsGroupArn") else "it has no cloud_watch_logs_group_arn"


@rule(
    name="cloudtrail-bucket-not-public",
    title="The bucket of a trail is not public",
    severity=Severity.CRITICAL,
    controls=("CloudTrail.6",),
    types=(_TRAIL,),
    why="A trail shows every name, address and weakness of the account.",
    fix="""
        aws.s3.BucketPublicAccessBlock(
            "trail",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
    """,
    link=f"{_FSBP}#cloudtrail-6",
)
def bucket_not_public(trail: Resource, stack: Stack) -> Problems:
    """A bucket that is not in the stack is judged where it is.

    Each of the four is off by default. With all of them, no policy makes the bucket public.
    """
    bucket = next(stack.behind(trail, "s3BucketName", _BUCKETS), None)
    if bucket is None:
        return OUT_OF_SCOPE
    if any_holds(
        lambda block: all_hold(lambda name: block.flag(name, default=False), _BLOCKED),
        stack.beside(bucket, _BLOCK, by="bucket"),
    ):
        return None
    return "its bucket has no BucketPublicAccessBlock with all four settings on"


@rule(
    name="cloudtrail-bucket-logs-access",
    title="The bucket of a trail logs who reads it",
    severity=Severity.LOW,
    controls=("CloudTrail.7", "CIS 3.4"),
    types=(_TRAIL,),
    why="Who looks at the trail, or takes it away, shows nowhere else.",
    fix="""
        aws.s3.BucketLogging(
            "trail", bucket=bucket.id, target_bucket=logs.id, target_prefix="trail/"
        )
    """,
    link=f"{_FSBP}#cloudtrail-7",
)
def bucket_logs_access(trail: Resource, stack: Stack) -> Problems:
    """A bucket that is not in the stack is judged where it is."""
    bucket = next(stack.behind(trail, "s3BucketName", _BUCKETS), None)
    if bucket is None:
        return OUT_OF_SCOPE
    if bucket.is_present("logging") or bucket.is_present("loggings"):
        return None
    if any_holds(lambda side: side.is_present("targetBucket"), stack.beside(bucket, _LOGGINGS, by="bucket")):
        return None
    return "its bucket has no BucketLogging"
