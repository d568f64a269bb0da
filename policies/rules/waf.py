"""AWS WAF, and the classic one."""

from collections.abc import Iterator
from typing import Final

from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.view import UNKNOWN, Resource, UndecidedError, View, any_holds, each, every_holds

_ACL: Final = "aws:wafv2/webAcl:WebAcl"
_GROUP: Final = "aws:wafv2/ruleGroup:RuleGroup"
_RULE: Final = "aws:wafv2/webAclRule:WebAclRule"
_GROUP_ASSOCIATION: Final = "aws:wafv2/webAclRuleGroupAssociation:WebAclRuleGroupAssociation"
_LOGGING: Final = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
_CLASSIC_ACLS: Final = ("aws:waf/webAcl:WebAcl", "aws:wafregional/webAcl:WebAcl")
_CLASSIC_RULES: Final = ("aws:waf/rule:Rule", "aws:wafregional/rule:Rule")
_CLASSIC_GROUPS: Final = ("aws:waf/ruleGroup:RuleGroup", "aws:wafregional/ruleGroup:RuleGroup")

_CORE: Final = "AWSManagedRulesCommonRuleSet"
_BAD_INPUTS: Final = "AWSManagedRulesKnownBadInputsRuleSet"
_REDACTED: Final = ("authorization", "cookie")

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/waf-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/waf/latest/developerguide"


# Web ACLs ----------------------------------------------------------------------------------------------


def _rules(acl: Resource, stack: Stack) -> Iterator[View]:
    """The rules of a web ACL: its own, and those beside it. What certainly belongs to it comes first."""
    undecided: UndecidedError | None = None
    if acl.raw("rules") is UNKNOWN:
        undecided = UndecidedError("rules")
    else:
        yield from acl.objects("rules")
    yield from stack.beside(acl, (_RULE, _GROUP_ASSOCIATION), by="webAclArn")
    if undecided:
        raise undecided


def _managed(one: View) -> str:
    """The name of the managed rule group that a rule applies, if it does."""
    return one.text("statement.managedRuleGroupStatement.name") or one.text("managedRuleGroup.name")


def _only_counts(one: View) -> bool:
    """Whether the actions of a rule group are replaced by counting."""
    return one.raw("overrideAction.count") is not None or one.text("overrideAction") == "count"


def _blocks_by(acl: Resource, stack: Stack, name: str) -> bool:
    return any_holds(
        lambda one: every_holds(lambda: _managed(one) == name, lambda: not _only_counts(one)),
        _rules(acl, stack),
    )


@rule(
    name="waf-acl-has-rules",
    title="Web ACLs have rules",
    severity=Severity.MEDIUM,
    controls=("WAF.10",),
    types=(_ACL,),
    why="A web ACL without rules lets everything through, and looks like protection.",
    fix="""
        aws.wafv2.WebAcl("firewall", scope="REGIONAL", default_action={"allow": {}}, rules=[{
            "name": "core",
            "priority": 1,
            "override_action": {"none": {}},
            "statement": {"managed_rule_group_statement": {
                "name": "AWSManagedRulesCommonRuleSet", "vendor_name": "AWS",
            }},
            "visibility_config": {
                "cloudwatch_metrics_enabled": True, "metric_name": "core", "sampled_requests_enabled": True,
            },
        }])
    """,
    link=f"{_FSBP}#waf-10",
)
def acl_has_rules(acl: Resource, stack: Stack) -> Problems:
    """They may be given as JSON, or beside it."""
    if acl.is_present("rules") or acl.is_present("ruleJson"):
        return None
    if any_holds(lambda _one: True, stack.beside(acl, (_RULE, _GROUP_ASSOCIATION), by="webAclArn")):
        return None
    return "it has no rules"


@rule(
    name="waf-acl-logs",
    title="Web ACLs log requests",
    severity=Severity.LOW,
    level=Level.MANDATORY,
    controls=("WAF.11",),
    types=(_ACL,),
    why="Without the log, nobody can say what was tried, nor what was blocked by mistake.",
    fix="""
        aws.wafv2.WebAclLoggingConfiguration(
            "logging", resource_arn=web_acl.arn, log_destination_configs=[log_group.arn]
        )
    """,
    link=f"{_FSBP}#waf-11",
)
def acl_logs(acl: Resource, stack: Stack) -> Problems:
    """Nothing is logged by default."""
    if any_holds(lambda _logging: True, stack.beside(acl, _LOGGING, by="resourceArn")):
        return None
    return "it has no WebAclLoggingConfiguration"


@rule(
    name="waf-rules-have-metrics",
    title="Rules of web ACLs and rule groups have metrics",
    severity=Severity.MEDIUM,
    controls=("WAF.12",),
    types=(_ACL, _GROUP, _RULE),
    why="Without metrics, nobody sees an attack while it happens.",
    fix="""
        aws.wafv2.RuleGroup("rules", scope="REGIONAL", capacity=10, visibility_config={
            "cloudwatch_metrics_enabled": True, "metric_name": "rules", "sampled_requests_enabled": True,
        })
    """,
    link=f"{_FSBP}#waf-12",
)
def rules_have_metrics(resource: Resource) -> Problems:
    """Each rule states it, and the whole does."""
    places = [resource] if resource.type == _RULE else [resource, *resource.objects("rules")]
    yield from each(
        lambda place: (
            None
            if place.flag("visibilityConfig.cloudwatchMetricsEnabled", default=False)
            else f"{place.where('visibilityConfig.cloudwatchMetricsEnabled')} is not on"
        ),
        places,
    )


@rule(
    name="waf-acl-core-rules",
    title="Web ACLs block what AWS's core rules find",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_ACL,),
    why="The core rules stop the attacks that are tried on every web application, day and night.",
    fix="""
        aws.wafv2.WebAcl("firewall", scope="REGIONAL", default_action={"allow": {}}, rules=[{
            "name": "core",
            "priority": 1,
            "override_action": {"none": {}},
            "statement": {"managed_rule_group_statement": {
                "name": "AWSManagedRulesCommonRuleSet", "vendor_name": "AWS",
            }},
            "visibility_config": {
                "cloudwatch_metrics_enabled": True, "metric_name": "core", "sampled_requests_enabled": True,
            },
        }])
    """,
    link=f"{_GUIDE}/aws-managed-rule-groups-baseline.html",
)
def acl_core_rules(acl: Resource, stack: Stack) -> Problems:
    """Rules as JSON are not read. Counting is for trying a rule group out."""
    if acl.is_present("ruleJson"):
        return OUT_OF_SCOPE
    return None if _blocks_by(acl, stack, _CORE) else f"it does not block by {_CORE}"


@rule(
    name="waf-acl-known-bad-inputs",
    title="Web ACLs block inputs that are known to be bad",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_ACL,),
    why="New holes such as Log4Shell are closed there, by AWS, before anybody has patched the application.",
    fix="""
        aws.wafv2.WebAcl("firewall", scope="REGIONAL", default_action={"allow": {}}, rules=[{
            "name": "bad-inputs",
            "priority": 2,
            "override_action": {"none": {}},
            "statement": {"managed_rule_group_statement": {
                "name": "AWSManagedRulesKnownBadInputsRuleSet", "vendor_name": "AWS",
            }},
            "visibility_config": {
                "cloudwatch_metrics_enabled": True, "metric_name": "bad", "sampled_requests_enabled": True,
            },
        }])
    """,
    link=f"{_GUIDE}/aws-managed-rule-groups-baseline.html",
)
def acl_known_bad_inputs(acl: Resource, stack: Stack) -> Problems:
    """Rules as JSON are not read. Counting is for trying a rule group out."""
    if acl.is_present("ruleJson"):
        return OUT_OF_SCOPE
    return None if _blocks_by(acl, stack, _BAD_INPUTS) else f"it does not block by {_BAD_INPUTS}"


@rule(
    name="waf-acl-rate-limit",
    title="Web ACLs limit how much one client may ask",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_ACL,),
    why="Without a limit, one client tries passwords as fast as it likes, or takes all capacity.",
    fix="""
        aws.wafv2.WebAcl("firewall", scope="REGIONAL", default_action={"allow": {}}, rules=[{
            "name": "rate",
            "priority": 0,
            "action": {"block": {}},
            "statement": {"rate_based_statement": {"limit": 2000, "aggregate_key_type": "IP"}},
            "visibility_config": {
                "cloudwatch_metrics_enabled": True, "metric_name": "rate", "sampled_requests_enabled": True,
            },
        }])
    """,
    link=f"{_GUIDE}/waf-rule-statement-type-rate-based.html",
)
def acl_rate_limit(acl: Resource, stack: Stack) -> Problems:
    """Rules as JSON are not read. A rule that only counts is no limit."""
    if acl.is_present("ruleJson"):
        return OUT_OF_SCOPE
    if any_holds(
        lambda one: every_holds(
            lambda: one.is_present("statement.rateBasedStatement"),
            lambda: one.raw("action.count") is None,
        ),
        _rules(acl, stack),
    ):
        return None
    return "it has no rule with a rate_based_statement"


@rule(
    name="waf-log-redacts-credentials",
    title="Logs of web ACLs contain no credentials of the requests",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_LOGGING,),
    why="Whoever reads the log can take over every session in it.",
    fix="""
        aws.wafv2.WebAclLoggingConfiguration(
            "logging",
            resource_arn=web_acl.arn,
            log_destination_configs=[log_group.arn],
            redacted_fields=[
                {"single_header": {"name": "authorization"}}, {"single_header": {"name": "cookie"}},
            ],
        )
    """,
    link=f"{_GUIDE}/logging-fields.html",
)
def log_redacts_credentials(logging: Resource) -> Problems:
    """Every header is logged by default."""
    fields = logging.objects("redactedFields")
    yield from each(
        lambda header: (
            None
            if any_holds(lambda field: field.text("singleHeader.name").lower() == header, fields)
            else f"redacted_fields does not name the header {header}"
        ),
        _REDACTED,
    )


# Classic -----------------------------------------------------------------------------------------------


@rule(
    name="waf-classic-acl-logs",
    title="Classic web ACLs log requests",
    severity=Severity.MEDIUM,
    controls=("WAF.1",),
    types=_CLASSIC_ACLS,
    why="Without the log, nobody can say what was tried, nor what was blocked by mistake.",
    fix="""
        aws.waf.WebAcl("firewall", logging_configuration={"log_destination": stream.arn})
    """,
    link=f"{_FSBP}#waf-1",
)
def classic_acl_logs(acl: Resource) -> Problems:
    """Nothing is logged by default."""
    logs = acl.is_present("loggingConfiguration.logDestination")
    return None if logs else "it has no logging_configuration"


@rule(
    name="waf-classic-rule-has-conditions",
    title="Classic rules have conditions",
    severity=Severity.MEDIUM,
    controls=("WAF.2", "WAF.6"),
    types=_CLASSIC_RULES,
    why="A rule without conditions matches nothing, and looks like protection.",
    fix="""
        aws.waf.Rule(
            "rule",
            metric_name="rule",
            predicates=[{"data_id": addresses.id, "negated": False, "type": "IPMatch"}],
        )
    """,
    link=f"{_FSBP}#waf-2",
)
def classic_rule_has_conditions(one: Resource) -> Problems:
    """It has none by default."""
    return None if one.is_present("predicates") else "it has no predicates"


@rule(
    name="waf-classic-group-has-rules",
    title="Classic rule groups have rules",
    severity=Severity.MEDIUM,
    controls=("WAF.3", "WAF.7"),
    types=_CLASSIC_GROUPS,
    why="A group without rules stops nothing, and looks like protection.",
    fix="""
        aws.waf.RuleGroup(
            "group",
            metric_name="group",
            activated_rules=[{"action": {"type": "BLOCK"}, "priority": 1, "rule_id": one.id}],
        )
    """,
    link=f"{_FSBP}#waf-3",
)
def classic_group_has_rules(group: Resource) -> Problems:
    """It has none by default."""
    return None if group.is_present("activatedRules") else "it has no activated_rules"


@rule(
    name="waf-classic-acl-has-rules",
    title="Classic web ACLs have rules",
    severity=Severity.MEDIUM,
    controls=("WAF.4", "WAF.8"),
    types=_CLASSIC_ACLS,
    why="A web ACL without rules lets everything through, and looks like protection.",
    fix="""
        aws.waf.WebAcl(
            "firewall",
            metric_name="firewall",
            default_action={"type": "ALLOW"},
            rules=[{"action": {"type": "BLOCK"}, "priority": 1, "rule_id": one.id, "type": "REGULAR"}],
        )
    """,
    link=f"{_FSBP}#waf-4",
)
def classic_acl_has_rules(acl: Resource) -> Problems:
    """It has none by default."""
    return None if acl.is_present("rules") else "it has no rules"
