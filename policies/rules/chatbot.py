"""Amazon Q in chat applications, once AWS Chatbot: what may be done from a chat."""

from typing import Final

from policies.rule import Problems, Severity, rule
from policies.view import Resource, any_holds

_CHANNELS: Final = (
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration",
    "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration",
)
_BROAD: Final = ("AdministratorAccess", "IAMFullAccess", "PowerUserAccess")

_GUIDE: Final = "https://docs.aws.amazon.com/chatbot/latest/adminguide"


@rule(
    name="chatbot-channel-guardrail",
    title="Channels have a guardrail that does not allow everything",
    severity=Severity.HIGH,
    types=_CHANNELS,
    why="Whoever may write in the channel may otherwise do whatever its role allows.",
    fix="""
        aws.chatbot.SlackChannelConfiguration(
            "notices",
            configuration_name="notices",
            iam_role_arn=role.arn,
            slack_channel_id=channel_id,
            slack_team_id=team_id,
            guardrail_policy_arns=["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        )
    """,
    link=f"{_GUIDE}/understanding-permissions.html",
)
def channel_guardrail(channel: Resource) -> Problems:
    """AWS takes AdministratorAccess where nothing is said."""
    if not channel.is_present("guardrailPolicyArns"):
        return "it has no guardrail_policy_arns"
    if any_holds(lambda arn: arn.rpartition("/")[2] in _BROAD, channel.texts("guardrailPolicyArns")):
        return "guardrail_policy_arns allow nearly everything"
    return None


@rule(
    name="chatbot-channel-asks-who",
    title="Commands in a channel need a role of the person who gives them",
    severity=Severity.MEDIUM,
    types=_CHANNELS,
    why="Otherwise everybody in the channel acts as one, and nobody can say who it was.",
    fix="""
        aws.chatbot.SlackChannelConfiguration(
            "notices",
            configuration_name="notices",
            iam_role_arn=role.arn,
            slack_channel_id=channel_id,
            slack_team_id=team_id,
            user_authorization_required=True,
        )
    """,
    link=f"{_GUIDE}/understanding-permissions.html",
)
def channel_asks_who(channel: Resource) -> Problems:
    """It is off where nothing is said."""
    if channel.flag("userAuthorizationRequired", default=False):
        return None
    return "user_authorization_required is not on"
