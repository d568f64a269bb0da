"""The web application firewall in front of the edge."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, wafv2

from components.base import Component
from components.context import Context
from components.encryption import Key
from components.iam import Statement, only_for, policy_document
from components.log_group import log_group


@dataclass(frozen=True, slots=True)
class ManagedGroup:
    """A group of rules that AWS keeps up to date, and those of them that only count."""

    name: str
    counted: tuple[str, ...] = ()


MANAGED_GROUPS: tuple[ManagedGroup, ...] = (
    ManagedGroup("AWSManagedRulesAmazonIpReputationList"),
    # People paste transcripts, code and queries into a chat: in a body they are no attack, and longer
    # than 8 KiB they often are. Everywhere else in a request these rules block.
    ManagedGroup(
        "AWSManagedRulesCommonRuleSet", counted=("CrossSiteScripting_BODY", "SizeRestrictions_BODY")
    ),
    ManagedGroup("AWSManagedRulesKnownBadInputsRuleSet"),
    ManagedGroup("AWSManagedRulesSQLiRuleSet", counted=("SQLi_BODY",)),
)
"""In the order in which they judge. The list of anonymous addresses is not among them: it holds hosting
providers, from which Slack's and Google's calls to the application come.
https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class WebAclArgs:
    """How much one address may ask, and where the judgements are kept."""

    requests_per_5_minutes: int
    """By one address, before it is blocked."""
    logs_key: Key
    """Of the global region."""
    log_retention_days: int


class WebAcl(Component):
    """A web ACL for CloudFront.

    Guarantees: every rule has its metric; what is blocked or counted is logged, without credentials.
    """

    def __init__(
        self, name: str, context: Context, args: WebAclArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:edge:WebAcl", name, context, opts)
        self._region = context.global_region
        # The prefix is WAF's condition.
        self.log_group_name = f"aws-waf-logs-{context.name(name)}"
        acl = wafv2.WebAcl(
            f"{name}-acl",
            description=f"{context.environment}: what reaches the edge",
            scope="CLOUDFRONT",
            default_action=wafv2.WebAclDefaultActionArgs(allow=wafv2.WebAclDefaultActionAllowArgs()),
            rules=[
                _rate_limit(args.requests_per_5_minutes),
                *(_managed(group, priority) for priority, group in enumerate(MANAGED_GROUPS, 1)),
            ],
            visibility_config=wafv2.WebAclVisibilityConfigArgs(
                metric_name="all", cloudwatch_metrics_enabled=True, sampled_requests_enabled=True
            ),
            region=self._region,
            opts=self.child(),
        )
        self.arn = acl.arn
        self._log(acl, args)
        self.register_outputs({"arn": self.arn})

    def _log(self, acl: wafv2.WebAcl, args: WebAclArgs) -> None:
        """https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html."""
        name, context = self.pulumi_resource_name, self.context
        group = log_group(
            self,
            "logs",
            name=self.log_group_name,
            key=args.logs_key,
            retention_days=args.log_retention_days,
            region=self._region,
        )
        written_to = context.arn("logs", f"log-group:{self.log_group_name}", region=self._region)
        delivery = cloudwatch.LogResourcePolicy(
            f"{name}-log-delivery",
            policy_name=context.name(name, "log-delivery"),
            policy_document=policy_document(
                Statement(
                    sid="FirewallWritesLogs",
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[f"{written_to}:*"],
                    principals={"Service": ["delivery.logs.amazonaws.com"]},
                    conditions=only_for(context, context.arn("logs", "*", region=self._region)),
                )
            ),
            region=self._region,
            opts=self.child(),
        )
        wafv2.WebAclLoggingConfiguration(
            f"{name}-logging",
            resource_arn=acl.arn,
            log_destination_configs=[group.arn],
            # What is let through is in the edge's own access log.
            logging_filter=_only("BLOCK", "COUNT", "EXCLUDED_AS_COUNT"),
            redacted_fields=[
                wafv2.WebAclLoggingConfigurationRedactedFieldArgs(
                    single_header=wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs(name=header)
                )
                for header in ("authorization", "cookie")
            ],
            region=self._region,
            opts=self.child(depends_on=[delivery]),
        )


def _rate_limit(requests_per_5_minutes: int) -> wafv2.WebAclRuleArgs:
    return wafv2.WebAclRuleArgs(
        name="rate-limit",
        priority=0,
        action=wafv2.WebAclRuleActionArgs(block=wafv2.WebAclRuleActionBlockArgs()),
        statement=wafv2.WebAclRuleStatementArgs(
            rate_based_statement=wafv2.WebAclRuleStatementRateBasedStatementArgs(
                aggregate_key_type="IP", limit=requests_per_5_minutes, evaluation_window_sec=300
            )
        ),
        visibility_config=_visible("rate-limit"),
    )


def _managed(group: ManagedGroup, priority: int) -> wafv2.WebAclRuleArgs:
    count = wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs(
        count=wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs()
    )
    statement = wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
        vendor_name="AWS",
        name=group.name,
        rule_action_overrides=[
            wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs(
                name=rule, action_to_use=count
            )
            for rule in group.counted
        ],
    )
    return wafv2.WebAclRuleArgs(
        name=group.name,
        priority=priority,
        # The group's own actions hold.
        override_action=wafv2.WebAclRuleOverrideActionArgs(none=wafv2.WebAclRuleOverrideActionNoneArgs()),
        statement=wafv2.WebAclRuleStatementArgs(managed_rule_group_statement=statement),
        visibility_config=_visible(group.name),
    )


def _visible(metric_name: str) -> wafv2.WebAclRuleVisibilityConfigArgs:
    return wafv2.WebAclRuleVisibilityConfigArgs(
        metric_name=metric_name, cloudwatch_metrics_enabled=True, sampled_requests_enabled=True
    )


def _only(*actions: str) -> wafv2.WebAclLoggingConfigurationLoggingFilterArgs:
    """Keeps requests to which one of these actions was applied."""
    conditions: Sequence[wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionArgs] = [
        wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionArgs(
            action_condition=wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionActionConditionArgs(
                action=action
            )
        )
        for action in actions
    ]
    return wafv2.WebAclLoggingConfigurationLoggingFilterArgs(
        default_behavior="DROP",
        filters=[
            wafv2.WebAclLoggingConfigurationLoggingFilterFilterArgs(
                behavior="KEEP", requirement="MEETS_ANY", conditions=conditions
            )
        ],
    )
