"""SNS: topics and subscriptions. Whom a topic's policy lets in is in `iam`."""

from typing import Final

from policies import iam
from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.transport import denies_plain_http
from policies.view import Resource, any_holds

_TOPIC: Final = "aws:sns/topic:Topic"
_POLICY: Final = "aws:sns/topicPolicy:TopicPolicy"
_SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"
_SUBSCRIBERS: Final = (
    (_SUBSCRIPTION, "topic"),
    ("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration", "snsTopicArns"),
    ("aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration", "snsTopicArns"),
)
_FEEDBACK: Final = tuple(
    f"{protocol}{outcome}FeedbackRoleArn"
    for protocol in ("application", "firehose", "http", "lambda", "sqs")
    for outcome in ("Success", "Failure")
)

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/sns-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/sns/latest/dg"


@rule(
    name="sns-topic-encrypted",
    title="Topics are encrypted with a KMS key",
    severity=Severity.MEDIUM,
    controls=("SNS.1",),
    types=(_TOPIC,),
    why="Messages wait on AWS's disks, readable for whoever gets at them.",
    fix="""
        aws.sns.Topic("topic", kms_master_key_id=key.id)
    """,
    link=f"{_FSBP}#sns-1",
)
def topic_encrypted(topic: Resource) -> Problems:
    """There is no encryption by default."""
    return None if topic.is_present("kmsMasterKeyId") else "it has no kms_master_key_id"


@rule(
    name="sns-topic-encrypted-with-own-key",
    title="Topics are encrypted with a key of one's own",
    severity=Severity.LOW,
    types=(_TOPIC,),
    why="AWS's key cannot be revoked, its policy cannot be limited, and alarms may not publish under it.",
    fix="""
        aws.sns.Topic("topic", kms_master_key_id=key.id)
    """,
    link=f"{_GUIDE}/sns-key-management.html",
)
def topic_encrypted_with_own_key(topic: Resource) -> Problems:
    """AWS's own is called by its alias."""
    if not topic.is_present("kmsMasterKeyId"):
        return "it has no kms_master_key_id"
    return "kms_master_key_id is AWS's" if _is_awss(topic.raw("kmsMasterKeyId")) else None


def _is_awss(key: object) -> bool:
    """Whether a key is known to be AWS's; its alias is a constant that people write."""
    return isinstance(key, str) and "alias/aws/" in key


@rule(
    name="sns-topic-logs-deliveries",
    title="Topics log whether messages arrive",
    severity=Severity.MEDIUM,
    controls=("SNS.2",),
    types=(_TOPIC,),
    why="Without the log, nobody learns that an alert never reached anybody.",
    fix="""
        aws.sns.Topic(
            "topic",
            http_success_feedback_role_arn=role.arn,
            http_failure_feedback_role_arn=role.arn,
        )
    """,
    link=f"{_FSBP}#sns-2",
)
def topic_logs_deliveries(topic: Resource) -> Problems:
    """Nothing is logged by default; the log of one protocol is enough for the control."""
    return None if any(map(topic.is_present, _FEEDBACK)) else "it has no feedback_role_arn of any protocol"


@rule(
    name="sns-topic-requires-tls",
    title="Topics with a policy of their own refuse plain HTTP",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_TOPIC,),
    why="What is published over plain HTTP can be read and changed on the way.",
    fix="""
        aws.sns.TopicPolicy("policy", arn=topic.arn, policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Deny",
                "Action": ["sns:Publish"],
                "Principal": "*",
                "Resource": [topic_arn],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }],
        }))
    """,
    link=f"{_GUIDE}/sns-security-best-practices.html",
)
def topic_requires_tls(topic: Resource, stack: Stack) -> Problems:
    """AWS's own policy, which a topic has without one, says nothing about it."""
    holders = [topic] if topic.is_present("policy") else list(stack.beside(topic, _POLICY, by="arn"))
    if not holders:
        return OUT_OF_SCOPE
    if any_holds(
        lambda holder: denies_plain_http(iam.statements(holder, iam.Kind.RESOURCE), "sns:Publish"), holders
    ):
        return None
    return "its policy does not deny aws:SecureTransport false"


@rule(
    name="sns-subscription-encrypted",
    title="Subscriptions deliver over HTTPS",
    severity=Severity.MEDIUM,
    types=(_SUBSCRIPTION,),
    why="What is delivered over plain HTTP can be read and changed on the way.",
    fix="""
        aws.sns.TopicSubscription(
            "pager", topic=topic.arn, protocol="https", endpoint="https://events.example.com/notices"
        )
    """,
    link=f"{_GUIDE}/sns-security-best-practices.html",
)
def subscription_encrypted(subscription: Resource) -> Problems:
    """It always states its protocol."""
    return "protocol is http" if subscription.text("protocol").lower() == "http" else None


@rule(
    name="sns-topic-has-subscriber",
    title="Topics have somebody who reads them",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_TOPIC,),
    why="What is sent to a topic without subscribers is lost, and nobody learns that it was.",
    fix="""
        aws.sns.TopicSubscription(
            "pager", topic=topic.arn, protocol="https", endpoint="https://events.example.com/notices"
        )
    """,
    link=f"{_GUIDE}/sns-create-subscribe-endpoint-to-topic.html",
)
def topic_has_subscriber(topic: Resource, stack: Stack) -> Problems:
    """A chat channel subscribes by naming the topic."""
    if any_holds(
        lambda kind: any_holds(lambda _one: True, stack.beside(topic, kind[0], by=kind[1])), _SUBSCRIBERS
    ):
        return None
    return "it has no TopicSubscription"
