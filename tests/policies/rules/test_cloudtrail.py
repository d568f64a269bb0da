"""What the rules of trails decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rules import cloudtrail
from tests.policies.kit import SIDE, Case, Side, judged, reference
from tests.policies.rules.test_account import of_account

_TRAIL = "aws:cloudtrail/trail:Trail"
_OBJECTS = {"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}
_BUCKET = Side("aws:s3/bucket:Bucket")
_BLOCKED = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls")


def _selecting(*selectors: dict[str, Any]) -> dict[str, Any]:
    return {"eventSelectors": list(selectors)}


def _fields(**equals: str) -> dict[str, Any]:
    """An advanced selector; a double underscore stands for a dot."""
    selectors = [{"field": name.replace("__", "."), "equals": [value]} for name, value in equals.items()]
    return {"advancedEventSelectors": [{"fieldSelectors": selectors}]}


def _block(*, restrict: bool) -> Side:
    return Side(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        bucket=SIDE,
        restrictPublicBuckets=restrict,
        **dict.fromkeys(_BLOCKED, True),
    )


CASES = (
    of_account(
        cloudtrail.account_has_trail, _TRAIL, {"isMultiRegionTrail": True}, {"isMultiRegionTrail": False}
    ),
    of_account(
        cloudtrail.account_has_trail,
        _TRAIL,
        {"isMultiRegionTrail": True, "enableLogging": True},
        {"isMultiRegionTrail": True, "enableLogging": False},
        absent=None,
    ),
    Case(
        cloudtrail.trail_all_regions,
        compliant={"isMultiRegionTrail": True},
        violating={"isMultiRegionTrail": False},
    ),
    Case(
        cloudtrail.trail_all_regions,
        base={"isMultiRegionTrail": True},
        compliant={"includeGlobalServiceEvents": True},
        violating={"includeGlobalServiceEvents": False},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        cloudtrail.trail_records,
        compliant={"enableLogging": True},
        violating={"enableLogging": False},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        cloudtrail.trail_management_events,
        compliant=_selecting({"readWriteType": "All"}),
        violating=_selecting({"readWriteType": "WriteOnly"}),
        absent=Verdict.COMPLIANT,
        more_compliant=[
            {},
            _selecting({"includeManagementEvents": True}),
            _selecting({"includeManagementEvents": False}, {"readWriteType": "All"}),
            _fields(eventCategory="Management"),
        ],
        more_violating=[
            _selecting({"includeManagementEvents": False}),
            _selecting({"excludeManagementEventSources": ["kms.amazonaws.com"]}),
            _fields(eventCategory="Data", resources__type="AWS::S3::Object"),
            _fields(eventCategory="Management", readOnly="false"),
        ],
    ),
    Case(
        cloudtrail.trail_object_writes,
        compliant=_selecting({"readWriteType": "WriteOnly", "dataResources": [_OBJECTS]}),
        violating=_selecting({"readWriteType": "ReadOnly", "dataResources": [_OBJECTS]}),
        more_compliant=[
            _selecting({"dataResources": [_OBJECTS]}),
            _selecting({"dataResources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3:::"]}]}),
            _fields(eventCategory="Data", resources__type="AWS::S3::Object"),
            _fields(eventCategory="Data", resources__type="AWS::S3::Object", readOnly="false"),
        ],
        more_violating=[
            {},
            _selecting({"dataResources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3:::one/"]}]}),
            _selecting({"dataResources": [{"type": "AWS::Lambda::Function", "values": ["arn:aws:lambda"]}]}),
            _fields(eventCategory="Data", resources__type="AWS::S3::Object", readOnly="true"),
            _fields(
                eventCategory="Data", resources__type="AWS::S3::Object", resources__ARN="arn:aws:s3:::a/"
            ),
        ],
    ),
    Case(
        cloudtrail.trail_object_reads,
        compliant=_selecting({"readWriteType": "ReadOnly", "dataResources": [_OBJECTS]}),
        violating=_selecting({"readWriteType": "WriteOnly", "dataResources": [_OBJECTS]}),
        more_compliant=[
            _fields(eventCategory="Data", resources__type="AWS::S3::Object", readOnly="true"),
        ],
        more_violating=[
            {},
            _fields(eventCategory="Data", resources__type="AWS::S3::Object", readOnly="false"),
        ],
    ),
    Case(
        cloudtrail.trail_object_reads,
        compliant_beside=[Side(_TRAIL, **_selecting({"dataResources": [_OBJECTS]}))],
        violating_beside=[Side(_TRAIL)],
    ),
    Case(
        cloudtrail.trail_encrypted_with_key,
        compliant={"kmsKeyId": "arn:aws:kms:us-west-2:111122223333:key/a"},
        violating={"kmsKeyId": ""},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        cloudtrail.trail_validates_files,
        compliant={"enableLogFileValidation": True},
        violating={"enableLogFileValidation": False},
    ),
    Case(
        cloudtrail.trail_to_cloudwatch,
        compliant={"cloudWatchLogsGroupArn": "arn:aws:logs:us-west-2:111122223333:log-group:trail:*"},
        violating={},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        cloudtrail.bucket_not_public,
        base={"s3BucketName": SIDE},
        beside=[_BUCKET],
        compliant_beside=[_block(restrict=True)],
        violating_beside=[_block(restrict=False)],
        out_of_scope=[{"s3BucketName": "of-another-stack"}],
    ),
    Case(
        cloudtrail.bucket_logs_access,
        base={"s3BucketName": SIDE},
        beside=[_BUCKET],
        compliant_beside=[
            Side(
                "aws:s3/bucketLogging:BucketLogging",
                bucket=SIDE,
                targetBucket=reference(3),
                targetPrefix="trail/",
            )
        ],
        violating_beside=[],
        out_of_scope=[{"s3BucketName": "of-another-stack"}],
    ),
)

test_cases = judged(CASES)
