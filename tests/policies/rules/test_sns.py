"""What the rules of topics and subscriptions decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rules import sns
from tests.policies.kit import MAIN, Case, Side, judged, policy

_POLICY = "aws:sns/topicPolicy:TopicPolicy"
_ROLE = "arn:aws:iam::111122223333:role/delivery"


def _denying(**changes: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Deny",
        "Action": "sns:Publish",
        "Principal": "*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"policy": policy({**statement, **changes})}


CASES = (
    Case(
        sns.topic_encrypted,
        compliant={"kmsMasterKeyId": "alias/topics"},
        violating={},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        sns.topic_encrypted_with_own_key,
        compliant={"kmsMasterKeyId": "alias/topics"},
        violating={"kmsMasterKeyId": "alias/aws/sns"},
        unknown=Verdict.COMPLIANT,
        more_violating=[{"kmsMasterKeyId": "arn:aws:kms:us-west-2:111122223333:alias/aws/sns"}],
    ),
    Case(
        sns.topic_logs_deliveries,
        compliant={"httpSuccessFeedbackRoleArn": _ROLE},
        violating={},
        unknown=Verdict.COMPLIANT,
        more_compliant=[{"lambdaFailureFeedbackRoleArn": _ROLE}, {"sqsSuccessFeedbackRoleArn": _ROLE}],
    ),
    Case(
        sns.topic_requires_tls,
        compliant=_denying(),
        violating=_denying(Effect="Allow"),
        absent=Verdict.OUT_OF_SCOPE,
        more_violating=[_denying(Action="sns:Subscribe"), _denying(Condition={})],
    ),
    Case(
        sns.topic_requires_tls,
        compliant_beside=[Side(_POLICY, arn=MAIN, **_denying())],
        violating_beside=[Side(_POLICY, arn=MAIN, **_denying(Effect="Allow"))],
        absent=None,
    ),
    Case(
        sns.topic_has_subscriber,
        compliant_beside=[Side("aws:sns/topicSubscription:TopicSubscription", topic=MAIN)],
        violating_beside=[Side("aws:sns/topicSubscription:TopicSubscription", topic="arn:aws:sns:a:1:other")],
    ),
    *(
        Case(
            sns.topic_has_subscriber,
            compliant_beside=[Side(f"aws:chatbot/{token}", snsTopicArns=["arn:aws:sns:a:1:other", MAIN])],
            violating_beside=[Side(f"aws:chatbot/{token}", snsTopicArns=["arn:aws:sns:a:1:other"])],
        )
        for token in (
            "slackChannelConfiguration:SlackChannelConfiguration",
            "teamsChannelConfiguration:TeamsChannelConfiguration",
        )
    ),
    Case(
        sns.subscription_encrypted,
        compliant={"protocol": "https"},
        violating={"protocol": "http"},
        absent=Verdict.COMPLIANT,
        more_compliant=[{"protocol": "sqs"}],
    ),
)

test_cases = judged(CASES)
