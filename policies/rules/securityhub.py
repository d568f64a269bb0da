"""Security Hub: AWS's own controls, asked of what really runs."""

from typing import Final

from policies.account import holds_everywhere, is_accounts
from policies.rule import OUT_OF_SCOPE, STACK_TYPE, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource, any_holds

_ACCOUNT: Final = "aws:securityhub/account:Account"
_SUBSCRIPTION: Final = "aws:securityhub/standardsSubscription:StandardsSubscription"

_GUIDE: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide"


@rule(
    name="securityhub-account-enabled",
    title="Security Hub is on in every region",
    severity=Severity.MEDIUM,
    controls=("CIS 4.16",),
    types=(STACK_TYPE,),
    why="What a preview allowed and somebody changed by hand afterwards shows in no other place.",
    fix="""
        aws.securityhub.Account("hub", auto_enable_controls=True)
    """,
    link=f"{_GUIDE}/securityhub-settingup.html",
)
def account_enabled(_stack: Resource, stack: Stack) -> Problems:
    """The resource turns it on by being there."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    if holds_everywhere(stack, _ACCOUNT, lambda _account: True):
        return None
    return "it has no securityhub Account in every region of the stack"


@rule(
    name="securityhub-account-new-controls",
    title="Security Hub enables new controls by itself",
    severity=Severity.LOW,
    controls=("CIS 4.16",),
    types=(_ACCOUNT,),
    why="AWS adds a control because something turned out to be dangerous.",
    fix="""
        aws.securityhub.Account("hub", auto_enable_controls=True)
    """,
    link=f"{_GUIDE}/controls-auto-enable.html",
)
def account_new_controls(account: Resource) -> Problems:
    """It is on unless it says otherwise."""
    return None if account.flag("autoEnableControls", default=True) else "auto_enable_controls is off"


@rule(
    name="securityhub-account-standards",
    title="Security Hub asks AWS's best practices and the CIS benchmark",
    severity=Severity.MEDIUM,
    controls=("CIS 4.16",),
    types=(_ACCOUNT,),
    why="Without a standard, Security Hub collects findings and looks for none.",
    fix="""
        aws.securityhub.StandardsSubscription(
            "best-practices",
            standards_arn="arn:aws:securityhub:us-west-2::standards/"
            "aws-foundational-security-best-practices/v/1.0.0",
        )
        aws.securityhub.StandardsSubscription(
            "cis",
            standards_arn="arn:aws:securityhub:us-west-2::standards/cis-aws-foundations-benchmark/v/3.0.0",
        )
    """,
    link=f"{_GUIDE}/standards-reference.html",
)
def account_standards(account: Resource, stack: Stack) -> Problems:
    """Both are enabled by default; where that is off, a subscription in the same region has to be."""
    here = [side for side in stack.all(_SUBSCRIPTION) if side.raw("region") == account.raw("region")]
    for standard, name in _STANDARDS.items():
        subscribed = any_holds(lambda side, part=standard: part in side.text("standardsArn"), here)
        if not subscribed and not account.flag("enableDefaultStandards", default=True):
            yield f"it has no StandardsSubscription for {name} in its region"


_STANDARDS: Final = {
    "/aws-foundational-security-best-practices/": "AWS's best practices",
    "/cis-aws-foundations-benchmark/": "the CIS benchmark",
}
