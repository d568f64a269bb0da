"""IAM Access Analyzer: what is shared with somebody outside."""

from typing import Final

from policies.account import holds_everywhere, is_accounts
from policies.rule import OUT_OF_SCOPE, STACK_TYPE, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource

_ANALYZER: Final = "aws:accessanalyzer/analyzer:Analyzer"


@rule(
    name="accessanalyzer-account-external-access",
    title="An analyzer of external access watches every region",
    severity=Severity.HIGH,
    controls=("CIS 1.20",),
    types=(STACK_TYPE,),
    why="Policies change by hand as well: a bucket or a role that is shared with a stranger shows here.",
    fix="""
        aws.accessanalyzer.Analyzer("access", analyzer_name="external-access", type="ACCOUNT")
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-28",
)
def account_external_access(_stack: Resource, stack: Stack) -> Problems:
    """Analyzers of unused and of internal access look for something else."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    if holds_everywhere(
        stack,
        _ANALYZER,
        lambda analyzer: analyzer.text("type", default="ACCOUNT") in ("ACCOUNT", "ORGANIZATION"),
    ):
        return None
    return "it has no Analyzer of external access in every region of the stack"
