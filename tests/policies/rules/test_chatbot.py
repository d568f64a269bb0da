"""What the rules of chat channels decide."""

from policies.rules import chatbot
from tests.policies.kit import Case, judged

_MANAGED = "arn:aws:iam::aws:policy/"

CASES = tuple(
    case
    for token in chatbot.channel_guardrail.types
    for case in (
        Case(
            chatbot.channel_guardrail,
            type=token,
            compliant={"guardrailPolicyArns": [f"{_MANAGED}ReadOnlyAccess"]},
            violating={"guardrailPolicyArns": [f"{_MANAGED}AdministratorAccess"]},
            more_violating=[{"guardrailPolicyArns": []}],
        ),
        Case(
            chatbot.channel_asks_who,
            type=token,
            compliant={"userAuthorizationRequired": True},
            violating={"userAuthorizationRequired": False},
        ),
    )
)

test_cases = judged(CASES)
