"""What the rules of AWS WAF decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rule import Rule
from policies.rules import waf
from tests.policies.kit import MAIN, Case, Side, judged

_RULE = "aws:wafv2/webAclRule:WebAclRule"
_ASSOCIATION = "aws:wafv2/webAclRuleGroupAssociation:WebAclRuleGroupAssociation"
_LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
_CORE = "AWSManagedRulesCommonRuleSet"
_BAD_INPUTS = "AWSManagedRulesKnownBadInputsRuleSet"
_ADDRESSES = {"dataId": "1", "negated": False, "type": "IPMatch"}
_ACTIVATED = {"action": {"type": "BLOCK"}, "priority": 1, "ruleId": "1"}


def _visible(*, metrics: bool = True) -> dict[str, Any]:
    given = {"metricName": "all", "sampledRequestsEnabled": True, "cloudwatchMetricsEnabled": metrics}
    return {"visibilityConfig": given}


def _rule(*, metrics: bool = True, **changes: Any) -> dict[str, Any]:
    return {"name": "one", "priority": 1, "statement": {}, **_visible(metrics=metrics), **changes}


def _managed(name: str, action: str = "none") -> dict[str, Any]:
    group = {"managedRuleGroupStatement": {"name": name, "vendorName": "AWS"}}
    return _rule(statement=group, overrideAction={action: {}})


def _rate(action: str = "block") -> dict[str, Any]:
    return _rule(
        statement={"rateBasedStatement": {"limit": 2000, "aggregateKeyType": "IP"}}, action={action: {}}
    )


def _blocks_by(rule: Rule, name: str) -> tuple[Case, ...]:
    """The managed rule group among others, inline and beside, or only counting."""
    managed = {"name": name, "vendorName": "AWS"}
    return (
        Case(
            rule,
            compliant={"rules": [_rate(), _managed(name)]},
            violating={"rules": [_rate(), _managed("AWSManagedRulesLinuxRuleSet")]},
            more_violating=[{"rules": [_managed(name, "count")]}],
            out_of_scope=[{"ruleJson": "[]"}],
        ),
        Case(
            rule,
            compliant_beside=[Side(_ASSOCIATION, webAclArn=MAIN, managedRuleGroup=managed)],
            violating_beside=[
                Side(_ASSOCIATION, webAclArn=MAIN, managedRuleGroup=managed, overrideAction="count")
            ],
            absent=None,
            unknown=None,
        ),
        Case(
            rule,
            compliant_beside=[_beside(statement={"managedRuleGroupStatement": managed})],
            violating_beside=[_beside(statement={})],
        ),
    )


def _beside(**given: Any) -> Side:
    return Side(_RULE, webAclArn=MAIN, **given)


def _redacting(*headers: str) -> dict[str, Any]:
    return {"redactedFields": [{"singleHeader": {"name": name}} for name in headers]}


CASES = (
    Case(
        waf.acl_has_rules,
        compliant={"rules": [_rate()]},
        violating={"rules": []},
        unknown=Verdict.COMPLIANT,
        more_compliant=[{"ruleJson": "[]"}],
    ),
    Case(
        waf.acl_has_rules,
        compliant_beside=[_beside()],
        violating_beside=[Side(_RULE, webAclArn="arn:aws:wafv2:us-east-1:111122223333:global/webacl/b/2")],
    ),
    Case(waf.acl_has_rules, compliant_beside=[Side(_ASSOCIATION, webAclArn=MAIN)]),
    Case(waf.acl_logs, compliant_beside=[Side(_LOGGING, resourceArn=MAIN)]),
    *(
        Case(
            waf.rules_have_metrics,
            type=token,
            base=_visible(),
            compliant={"rules": [_rule()]},
            violating={"rules": [_rule(), _rule(metrics=False)]},
            absent=Verdict.COMPLIANT,
            more_violating=[_visible(metrics=False)],
            valid=False,
        )
        for token in waf.rules_have_metrics.types[:2]
    ),
    Case(
        waf.rules_have_metrics,
        type=_RULE,
        compliant=_visible(),
        violating=_visible(metrics=False),
    ),
    *_blocks_by(waf.acl_core_rules, _CORE),
    *_blocks_by(waf.acl_known_bad_inputs, _BAD_INPUTS),
    Case(
        waf.acl_rate_limit,
        compliant={"rules": [_managed(_CORE), _rate()]},
        violating={"rules": [_managed(_CORE)]},
        more_violating=[{"rules": [_rate("count")]}],
        out_of_scope=[{"ruleJson": "[]"}],
    ),
    Case(
        waf.acl_rate_limit,
        compliant_beside=[
            _beside(statement={"rateBasedStatement": {"limit": 2000, "aggregateKeyType": "IP"}})
        ],
        violating_beside=[_beside(statement={})],
        absent=Verdict.VIOLATED,
        unknown=None,
    ),
    Case(
        waf.log_redacts_credentials,
        compliant=_redacting("authorization", "Cookie"),
        violating=_redacting("authorization"),
    ),
    *(
        Case(
            waf.classic_acl_logs,
            type=token,
            compliant={"loggingConfiguration": {"logDestination": "arn:aws:firehose:us-east-1:1:waf"}},
            violating={"loggingConfiguration": None},
            unknown=None,
            valid=False,
        )
        for token in waf.classic_acl_logs.types
    ),
    *(
        Case(
            waf.classic_rule_has_conditions,
            type=token,
            compliant={"predicates": [_ADDRESSES]},
            violating={"predicates": []},
            unknown=Verdict.COMPLIANT,
        )
        for token in waf.classic_rule_has_conditions.types
    ),
    *(
        Case(
            waf.classic_group_has_rules,
            type=token,
            compliant={"activatedRules": [_ACTIVATED]},
            violating={"activatedRules": []},
            unknown=Verdict.COMPLIANT,
        )
        for token in waf.classic_group_has_rules.types
    ),
    *(
        Case(
            waf.classic_acl_has_rules,
            type=token,
            compliant={"rules": [{"priority": 1, "ruleId": "1", "action": {"type": "BLOCK"}}]},
            violating={"rules": []},
            unknown=Verdict.COMPLIANT,
        )
        for token in waf.classic_acl_has_rules.types
    ),
)

test_cases = judged(CASES)
