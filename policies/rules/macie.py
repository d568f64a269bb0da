"""Macie: personal and secret data in buckets."""

from typing import Final

from policies.rule import Problems, Severity, rule
from policies.view import Resource

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/macie-controls.html"


@rule(
    name="macie-account-enabled",
    title="Macie is not paused",
    severity=Severity.MEDIUM,
    controls=("Macie.1",),
    types=("aws:macie2/account:Account",),
    why="While it is paused, nobody notices personal data in a bucket that is open.",
    fix="""
        aws.macie2.Account("macie", status="ENABLED", finding_publishing_frequency="FIFTEEN_MINUTES")
    """,
    link=f"{_FSBP}#macie-1",
)
def account_enabled(account: Resource) -> Problems:
    """It is enabled unless it says otherwise."""
    return "status is PAUSED" if account.text("status", default="ENABLED") == "PAUSED" else None
