"""What the rules of queues decide."""

from policies.evaluate import Verdict
from policies.rules import sqs
from tests.policies.kit import Case, judged

CASES = (
    Case(
        sqs.queue_encrypted,
        compliant={"sqsManagedSseEnabled": True},
        violating={"sqsManagedSseEnabled": False},
        absent=Verdict.COMPLIANT,
        more_compliant=[{"kmsMasterKeyId": "alias/queues"}],
    ),
    Case(
        sqs.queue_encrypted,
        base={"sqsManagedSseEnabled": False},
        compliant={"kmsMasterKeyId": "alias/queues"},
        violating={"kmsMasterKeyId": ""},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        sqs.queue_encrypted_with_own_key,
        compliant={"kmsMasterKeyId": "alias/queues"},
        violating={"kmsMasterKeyId": "alias/aws/sqs"},
        unknown=Verdict.COMPLIANT,
        more_violating=[{"sqsManagedSseEnabled": True}],
    ),
)

test_cases = judged(CASES)
