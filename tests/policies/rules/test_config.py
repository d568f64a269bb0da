"""What the rules of AWS Config decide."""

from policies.evaluate import Verdict
from policies.rules import config
from tests.policies.kit import SIDE, Case, Side, judged
from tests.policies.rules.test_account import OTHERS

_RECORDER = Side("aws:cfg/recorder:Recorder")
_STATUS = "aws:cfg/recorderStatus:RecorderStatus"
_CHANNEL = Side("aws:cfg/deliveryChannel:DeliveryChannel")


def _recording(*, global_types: bool) -> Side:
    return Side("aws:cfg/recorder:Recorder", recordingGroup={"includeGlobalResourceTypes": global_types})


CASES = (
    Case(
        config.account_records,
        beside=[*OTHERS, _RECORDER, _CHANNEL],
        compliant_beside=[Side(_STATUS, isEnabled=True)],
        violating_beside=[Side(_STATUS, isEnabled=False)],
    ),
    Case(
        config.account_records,
        beside=[*OTHERS, Side(_STATUS, isEnabled=True), _CHANNEL],
        compliant_beside=[_RECORDER],
    ),
    Case(
        config.account_records,
        beside=[*OTHERS, Side(_STATUS, isEnabled=True), _RECORDER],
        compliant_beside=[_CHANNEL],
    ),
    Case(
        config.account_records_global_types,
        beside=OTHERS,
        compliant_beside=[_recording(global_types=True)],
        violating_beside=[_recording(global_types=False)],
    ),
    Case(
        config.recorder_all_types,
        compliant={"recordingGroup": {"allSupported": True}},
        violating={"recordingGroup": {"allSupported": False}},
        absent=Verdict.COMPLIANT,
    ),
    Case(config.recorder_started, compliant={"isEnabled": True}, violating={"isEnabled": False}, absent=None),
    Case(
        config.recorder_service_role,
        compliant={"roleArn": "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/Config"},
        violating={"roleArn": "arn:aws:iam::111122223333:role/config"},
        absent=None,
    ),
    Case(
        config.recorder_service_role,
        base={"roleArn": SIDE},
        compliant_beside=[
            Side("aws:iam/serviceLinkedRole:ServiceLinkedRole", awsServiceName="config.amazonaws.com")
        ],
        violating_beside=[
            Side("aws:iam/serviceLinkedRole:ServiceLinkedRole", awsServiceName="autoscaling.amazonaws.com")
        ],
        absent=None,
    ),
    Case(
        config.recorder_service_role,
        base={"roleArn": SIDE},
        compliant_beside=[
            Side("aws:iam/serviceLinkedRole:ServiceLinkedRole", awsServiceName="config.amazonaws.com")
        ],
        violating_beside=[Side("aws:iam/role:Role")],
        absent=None,
    ),
    Case(
        config.channel_encrypted_with_key,
        compliant={"s3KmsKeyArn": "arn:aws:kms:us-west-2:111122223333:key/a"},
        violating={},
        unknown=Verdict.COMPLIANT,
    ),
)

test_cases = judged(CASES)
