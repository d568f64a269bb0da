"""Slack hears, and can do nothing."""

import json

from components.chat import Chat, ChatArgs
from preview.graph import Graph
from tests.harness import build, context

TOPICS = ["arn:aws:sns:us-west-2:111122223333:alerts-low", "arn:aws:sns:us-east-1:111122223333:alerts-low"]


def _build() -> Graph:
    args = ChatArgs(workspace_id="T0123ABCDEF", channel_id="C0123ABCDEF", topic_arns=TOPICS)
    return build(lambda: Chat("chat", context(), args))


def test_nobody_acts_on_the_account_from_the_channel() -> None:
    graph = _build()
    channel = graph.one("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration")
    assert channel["guardrailPolicyArns"] == ["arn:aws:iam::aws:policy/AWSDenyAll"]
    assert channel["userAuthorizationRequired"] is True
    assert not graph.all("aws:iam/rolePolicy:RolePolicy")
    assert not graph.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment")


def test_the_channel_hears_of_every_topic() -> None:
    channel = _build().one("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration")
    assert channel["snsTopicArns"] == TOPICS


def test_only_this_channels_configuration_assumes_the_role() -> None:
    trust = json.loads(_build().one("aws:iam/role:Role")["assumeRolePolicy"])
    (statement,) = trust["Statement"]
    assert statement["Principal"] == {"Service": ["chatbot.amazonaws.com"]}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {
            "aws:SourceArn": "arn:aws:chatbot::111122223333:chat-configuration/slack-channel/syncup-test-chat"
        },
    }
