"""Slack: every alarm as a notice, whether it pages or not."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import chatbot, iam

from components.base import Component
from components.context import Context
from components.iam import only_for, trust_document


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatArgs:
    """Which channel hears of what."""

    workspace_id: str
    """A person has authorised AWS for the Slack workspace once, in the console:
    https://docs.aws.amazon.com/chatbot/latest/adminguide/slack-setup.html"""
    channel_id: str
    topic_arns: Sequence[pulumi.Input[str]]


class Chat(Component):
    """Notices in a Slack channel, and nothing but notices.

    Guarantees that nobody can act on the account from the channel: the role has no permissions, and
    the guardrail denies whatever it might be given.
    """

    def __init__(
        self, name: str, context: Context, args: ChatArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:operations:Chat", name, context, opts)
        configuration = context.name(name)
        source = context.global_arn("chatbot", f"chat-configuration/slack-channel/{configuration}")
        role = iam.Role(
            f"{name}-role",
            name=context.name(name, limit=64),
            description="Notices in Slack",
            assume_role_policy=trust_document("chatbot.amazonaws.com", conditions=only_for(context, source)),
            opts=self.child(),
        )
        chatbot.SlackChannelConfiguration(
            f"{name}-channel",
            configuration_name=configuration,
            slack_team_id=args.workspace_id,
            slack_channel_id=args.channel_id,
            iam_role_arn=role.arn,
            sns_topic_arns=list(args.topic_arns),
            # Without one, AWS' own guardrail is AdministratorAccess:
            # https://docs.aws.amazon.com/chatbot/latest/adminguide/understanding-permissions.html
            guardrail_policy_arns=[f"arn:{context.partition}:iam::aws:policy/AWSDenyAll"],
            user_authorization_required=True,
            logging_level="ERROR",
            opts=self.child(),
        )
        self.register_outputs({})
