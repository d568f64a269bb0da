"""Who may become which role: exactly one subject each, of exactly one repository, and nobody else."""

import re

import pytest

from operate.bootstrap import read_template
from tests.bootstrap.evaluator import may_become
from tests.bootstrap.resolved import REPOSITORY, Bootstrap, bootstrap
from tests.program.stacks import STACKS

AUDIENCE = "sts.amazonaws.com"
IMMUTABLE = "example@8121/syncup-infrastructure@90210"
SUBJECTS = {
    "PreviewRole": "pull_request",
    "DeployRole": "environment:production",
    "DriftRole": "ref:refs/heads/main",
    "RecoveryRole": "ref:refs/heads/main",
}
"""What each role's tokens say behind the repository."""
ROLES = sorted(SUBJECTS)
OTHERS = (
    "environment:Production",
    "environment:production-2",
    "environment:staging",
    "environment:production:ref:refs/heads/main",
    "pull_request:1",
    "ref:refs/heads/feature",
    "ref:refs/heads/main-2",
    "ref:refs/pull/1/merge",
    "ref:refs/tags/main",
    "ref:refs/tags/v1.0.0",
    "",
)
"""What no token of any role says."""
STRANGERS = (
    "example/syncup",
    "example/syncup-infrastructure-2",
    "example2/syncup-infrastructure",
    "somebody/syncup-infrastructure",
    "EXAMPLE/syncup-infrastructure",
    "example@8121/syncup-infrastructure@90210",
    "example/syncup-infrastructure@90210",
    "*",
)
"""Forks, namesakes and other repositories."""


def _provider(found: Bootstrap) -> str:
    return f"arn:aws:iam::{found.account}:oidc-provider/token.actions.githubusercontent.com"


def _becomes(role: str, subject: str, *, audience: str = AUDIENCE, found: Bootstrap | None = None) -> bool:
    made = found or bootstrap()
    return may_become(made.trust(role), _provider(made), audience, subject)


@pytest.mark.parametrize("role", ROLES)
def test_the_role_is_for_its_subject(role: str) -> None:
    assert _becomes(role, f"repo:{REPOSITORY}:{SUBJECTS[role]}")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("rest", sorted({*OTHERS, *SUBJECTS.values()}))
def test_no_branch_tag_or_environment_but_its_own(role: str, rest: str) -> None:
    assert _becomes(role, f"repo:{REPOSITORY}:{rest}") is (rest == SUBJECTS[role])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("repository", STRANGERS)
def test_no_fork_and_no_other_repository(role: str, repository: str) -> None:
    assert not _becomes(role, f"repo:{repository}:{SUBJECTS[role]}")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "audience", ["", "https://github.com/example", "sts.amazonaws.com.evil.example", "*"]
)
def test_no_other_audience(role: str, audience: str) -> None:
    assert not _becomes(role, f"repo:{REPOSITORY}:{SUBJECTS[role]}", audience=audience)


@pytest.mark.parametrize("role", ROLES)
def test_no_other_provider(role: str) -> None:
    trust = bootstrap().trust(role)
    other = "arn:aws:iam::111122223333:oidc-provider/gitlab.example.com"
    assert not may_become(trust, other, AUDIENCE, f"repo:{REPOSITORY}:{SUBJECTS[role]}")


@pytest.mark.parametrize("role", ROLES)
def test_with_identifiers_the_names_alone_are_nobodys(role: str) -> None:
    """Who takes a name over that has become free has other identifiers."""
    found = bootstrap(repository=IMMUTABLE)
    assert _becomes(role, f"repo:{IMMUTABLE}:{SUBJECTS[role]}", found=found)
    for other in (
        REPOSITORY,
        "example@8121/syncup-infrastructure@90211",
        "example@1/syncup-infrastructure@90210",
    ):
        assert not _becomes(role, f"repo:{other}:{SUBJECTS[role]}", found=found)


@pytest.mark.parametrize("role", ROLES)
def test_a_provider_that_is_there_already_vouches_as_well(role: str) -> None:
    provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
    found = bootstrap(provider=provider)
    assert "Provider" not in found.resources
    assert _becomes(role, f"repo:{REPOSITORY}:{SUBJECTS[role]}", found=found)


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("other", STACKS)
def test_a_stack_is_deployed_from_its_own_environment_alone(stack: str, other: str) -> None:
    found = bootstrap(stack)
    assert _becomes("DeployRole", f"repo:{REPOSITORY}:environment:{other}", found=found) is (stack == other)


def test_subjects_and_audiences_are_compared_whole() -> None:
    for name, role in bootstrap().of_type("AWS::IAM::Role").items():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert list(statement["Condition"]) == ["StringEquals"], name
        (values,) = statement["Condition"].values()
        assert sorted(key.rpartition(":")[2] for key in values) == ["aud", "sub"], name
        assert not [value for value in values.values() if "*" in value or "?" in value], name


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        (REPOSITORY, True),
        (IMMUTABLE, True),
        ("example@8121/syncup-infrastructure", False),
        ("example/syncup-infrastructure@90210", False),
        ("example/*", False),
        ("*", False),
        ("example", False),
        ("example/syncup:environment", False),
    ],
)
def test_a_repository_is_one_with_both_identifiers_or_none(value: str, fits: bool) -> None:
    pattern = read_template()["Parameters"]["Repository"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, value)) is fits
