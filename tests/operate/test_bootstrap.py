"""What must exist before the first update comes to be, once, and a second time changes nothing."""

from dataclasses import replace

import pytest

from operate import bootstrap
from operate.bootstrap import Names, Wanted
from operate.errors import GuardError, OperationError, UsageError
from operate.stack import Stack
from tests.operate.double import Aws, Time
from tests.operate.formation import NAME, Formation

NAMES = Names(stack="staging", account_id="444455556666", region="us-west-2")
FIRST = Wanted(
    recovery_region="us-east-2",
    hosted_zone="Z0123456789ABCDEFGHIJ",
    repository="example/syncup-infrastructure",
    release="2026.11.3",
)
AGAIN = replace(FIRST, repository=None, release=None)
PROVIDER = "arn:aws:iam::444455556666:oidc-provider/token.actions.githubusercontent.com"


@pytest.fixture
def formation(aws: Aws) -> Formation:
    """CloudFormation in AWS' place."""
    found = Formation()
    aws.answers.update(found.answers())
    return found


def _apply(stack: Stack, wanted: Wanted = FIRST) -> tuple[bool, list[str]]:
    told: list[str] = []
    return bootstrap.apply(stack, NAMES, wanted, told.append), told


def test_names_are_known_before_anything_exists() -> None:
    assert NAMES.bucket == "syncup-bootstrap-staging-444455556666-us-west-2"
    assert NAMES.backend == f"s3://{NAMES.bucket}?region=us-west-2&awssdk=v2"
    assert NAMES.secrets_provider == "awskms://alias/syncup-bootstrap-staging?region=us-west-2"
    assert NAMES.role("deploy") == "arn:aws:iam::444455556666:role/syncup-bootstrap-staging-deploy"


def test_the_first_time_it_is_made_followed_and_protected(stack: Stack, formation: Formation) -> None:
    assert _apply(stack) == (
        True,
        [f"{NAME}: 2 changes", f"{NAME}: CREATE_IN_PROGRESS", f"{NAME}: CREATE_COMPLETE"],
    )
    assert formation.protected
    assert formation.template == bootstrap.TEMPLATE.read_text(encoding="utf-8")
    assert formation.parameters == {
        "Stack": "staging",
        "RecoveryRegion": "us-east-2",
        "HostedZone": "Z0123456789ABCDEFGHIJ",
        "Repository": "example/syncup-infrastructure",
        "Release": "2026.11.3",
        "MakeSearchRole": "yes",
        "MakeScalingRole": "yes",
        "ProviderArn": "",
    }


def test_the_second_time_changes_nothing(stack: Stack, formation: Formation, aws: Aws) -> None:
    _apply(stack)
    # What it has made itself is found the second time, and stays its own.
    formation.roles = {"AWSServiceRoleForAmazonOpenSearchService", "AWSServiceRoleForAutoScaling"}
    formation.audiences = ["sts.amazonaws.com"]
    before = dict(formation.parameters)
    aws.calls.clear()
    assert _apply(stack, AGAIN) == (False, [])
    assert formation.parameters == before
    assert aws.changes == ["cloudformation.CreateChangeSet", "cloudformation.DeleteChangeSet"]


def test_what_the_account_has_already_is_not_made(stack: Stack, formation: Formation) -> None:
    formation.roles = {"AWSServiceRoleForAutoScaling"}
    formation.audiences = ["other", "sts.amazonaws.com"]
    _apply(stack)
    found = formation.parameters
    assert (found["MakeSearchRole"], found["MakeScalingRole"], found["ProviderArn"]) == (
        "yes",
        "no",
        PROVIDER,
    )


def test_a_provider_without_the_audience_is_refused_with_the_command(
    stack: Stack, formation: Formation
) -> None:
    formation.audiences = ["other"]
    with pytest.raises(OperationError, match=f"add-client-id-to-open-id-connect-provider .*{PROVIDER} "):
        _apply(stack)


def test_another_repository_is_a_change(stack: Stack, formation: Formation) -> None:
    _apply(stack)
    assert _apply(stack, replace(AGAIN, repository="example@1/moved@2"))[0]
    assert formation.parameters["Repository"] == "example@1/moved@2"
    assert formation.parameters["Release"] == "2026.11.3"


@pytest.mark.parametrize(("field", "option"), [("repository", "--repository"), ("release", "--release")])
def test_what_has_to_be_said_the_first_time_is_asked_for(
    stack: Stack, formation: Formation, aws: Aws, field: str, option: str
) -> None:
    with pytest.raises(UsageError, match=f"does not exist yet: say {option}"):
        _apply(stack, replace(FIRST, **{field: None}))
    assert formation.status == ""
    assert aws.changes == []


def test_the_release_is_a_deployments_after_the_first_time(stack: Stack, formation: Formation) -> None:
    _apply(stack)
    with pytest.raises(UsageError, match=r"`syncup deploy staging 2026\.11\.4` changes it"):
        _apply(stack, replace(AGAIN, release="2026.11.4"))
    assert formation.parameters["Release"] == "2026.11.3"


def test_a_stack_that_never_got_beyond_a_change_set_is_made(stack: Stack, formation: Formation) -> None:
    formation.status = "REVIEW_IN_PROGRESS"
    assert _apply(stack)[0]
    assert formation.status == "CREATE_COMPLETE"


@pytest.mark.parametrize("status", ["CREATE_FAILED", "DELETE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_what_a_failed_try_left_is_explained(
    stack: Stack, formation: Formation, aws: Aws, status: str
) -> None:
    formation.status = status
    remedy = f"`aws cloudformation delete-stack --stack-name {NAME} --region us-west-2`"
    with pytest.raises(OperationError, match=remedy):
        _apply(stack)
    assert aws.changes == []


def test_a_change_that_could_not_be_taken_back_is_explained(stack: Stack, formation: Formation) -> None:
    formation.status = "UPDATE_ROLLBACK_FAILED"
    with pytest.raises(OperationError, match="`aws cloudformation continue-update-rollback --stack-name"):
        _apply(stack)


@pytest.mark.parametrize(
    "status", ["CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"]
)
def test_what_somebody_else_changes_is_left_alone(stack: Stack, formation: Formation, status: str) -> None:
    formation.status = status
    with pytest.raises(GuardError, match="it is being changed, try again"):
        _apply(stack)


def test_another_account_is_refused(stack: Stack, formation: Formation, aws: Aws) -> None:
    formation.account = "111122223333"
    with pytest.raises(GuardError, match="of account 111122223333, and staging lives in 444455556666"):
        _apply(stack)
    assert aws.changes == []


def test_a_failure_is_told_with_what_failed_first(stack: Stack, formation: Formation) -> None:
    formation.ends = "ROLLBACK_COMPLETE"
    with pytest.raises(OperationError, match="ended with ROLLBACK_COMPLETE: StateBucket: The bucket exists"):
        _apply(stack)
    assert not formation.protected


def test_a_change_set_that_cannot_be_made_is_removed_and_explained(
    stack: Stack, formation: Formation, aws: Aws
) -> None:
    formation.refuses = "Template error: no such attribute"
    with pytest.raises(OperationError, match="cannot be changed so: Template error: no such attribute"):
        _apply(stack)
    assert aws.changes[-1] == "cloudformation.DeleteChangeSet"


def test_a_preview_of_what_does_not_exist_lists_what_would_be_made(
    stack: Stack, formation: Formation, aws: Aws
) -> None:
    formation.roles = {"AWSServiceRoleForAutoScaling"}
    made = {step.name: step.type for step in bootstrap.preview(stack, NAMES, FIRST)}
    assert made["StateBucket"] == "AWS::S3::Bucket"
    assert "SearchRole" in made
    assert "ScalingRole" not in made
    assert aws.changes == []


def test_a_preview_of_what_exists_shows_its_change_set_and_removes_it(
    stack: Stack, formation: Formation, aws: Aws
) -> None:
    _apply(stack)
    aws.calls.clear()
    steps = bootstrap.preview(stack, NAMES, replace(AGAIN, repository="example/moved"))
    assert [(step.action, step.name, step.replaces) for step in steps] == [
        ("Add", "StateKey", False),
        ("Modify", "Reading", True),
    ]
    assert aws.changes == ["cloudformation.CreateChangeSet", "cloudformation.DeleteChangeSet"]
    assert bootstrap.preview(stack, NAMES, AGAIN) == []


def test_it_waits_between_two_looks(stack: Stack, formation: Formation, time: Time) -> None:
    _apply(stack)
    assert time.slept == [5]
    assert formation.status == "CREATE_COMPLETE"
