"""Inspector: known vulnerabilities in what runs."""

from typing import Final

from policies.account import holds_everywhere, is_accounts
from policies.rule import OUT_OF_SCOPE, STACK_TYPE, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource

_ENABLER: Final = "aws:inspector2/enabler:Enabler"
_REPOSITORY: Final = "aws:ecr/repository:Repository"

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/inspector-controls.html"


def _scans_everywhere(stack: Stack, kind: str) -> bool:
    return holds_everywhere(stack, _ENABLER, lambda enabler: kind in enabler.texts("resourceTypes"))


@rule(
    name="inspector-account-scans-instances",
    title="Inspector scans instances in every region",
    severity=Severity.HIGH,
    controls=("Inspector.1",),
    types=(STACK_TYPE,),
    why="Most intrusions use a vulnerability that has been known for months.",
    fix="""
        aws.inspector2.Enabler("scan", account_ids=[account_id], resource_types=["EC2", "LAMBDA"])
    """,
    link=f"{_FSBP}#inspector-1",
)
def account_scans_instances(_stack: Resource, stack: Stack) -> Problems:
    """Nothing is scanned where nothing is said."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    return None if _scans_everywhere(stack, "EC2") else "no Enabler scans EC2 in every region of the stack"


@rule(
    name="inspector-account-scans-functions",
    title="Inspector scans functions in every region",
    severity=Severity.HIGH,
    controls=("Inspector.4",),
    types=(STACK_TYPE,),
    why="A function's libraries grow old as an instance's do, and nobody patches them.",
    fix="""
        aws.inspector2.Enabler("scan", account_ids=[account_id], resource_types=["EC2", "LAMBDA"])
    """,
    link=f"{_FSBP}#inspector-4",
)
def account_scans_functions(_stack: Resource, stack: Stack) -> Problems:
    """Nothing is scanned where nothing is said."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    if _scans_everywhere(stack, "LAMBDA"):
        return None
    return "no Enabler scans LAMBDA in every region of the stack"


@rule(
    name="inspector-account-scans-images",
    title="Inspector scans container images where there are repositories",
    severity=Severity.HIGH,
    controls=("Inspector.2",),
    types=(STACK_TYPE,),
    why="An image carries the vulnerabilities of the day on which it was built.",
    fix="""
        aws.inspector2.Enabler("scan", account_ids=[account_id], resource_types=["EC2", "ECR", "LAMBDA"])
    """,
    link=f"{_FSBP}#inspector-2",
)
def account_scans_images(_stack: Resource, stack: Stack) -> Problems:
    """An account without repositories has no images."""
    if not is_accounts(stack) or not stack.all(_REPOSITORY):
        return OUT_OF_SCOPE
    return None if _scans_everywhere(stack, "ECR") else "no Enabler scans ECR in every region of the stack"
