"""Deployments as the group remembers them."""

from datetime import timedelta
from typing import Any

from operate.deployments import recent
from operate.stack import Stack
from tests.operate.double import NOW, Answer, Aws, Parameters, error


def refresh(number: int, version: str | None, status: str = "Successful") -> dict[str, Any]:
    specification = {"LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1", "Version": version}}
    desired = {"DesiredConfiguration": {"MixedInstancesPolicy": {"LaunchTemplate": specification}}}
    return {
        "InstanceRefreshId": f"refresh-{number}",
        "Status": status,
        "StartTime": NOW - timedelta(hours=number),
        "EndTime": NOW - timedelta(hours=number) + timedelta(minutes=10),
        **(desired if version else {}),
    }


def _versions(asked: Parameters) -> Any:
    (version,) = asked["Versions"]
    if version == "1":
        return error("InvalidLaunchTemplateId.VersionNotFound")
    return {
        "LaunchTemplateVersions": [
            {"VersionNumber": int(version), "VersionDescription": f"Release 2026.11.{version}"}
        ]
    }


def told(*refreshes: dict[str, Any]) -> dict[str, Answer]:
    """AWS, which remembers these."""

    def newest(asked: Parameters) -> Any:
        return {"InstanceRefreshes": list(refreshes[: asked["MaxRecords"]])}

    return {
        "autoscaling.DescribeInstanceRefreshes": newest,
        "ec2.DescribeLaunchTemplateVersions": _versions,
    }


HISTORY = told(refresh(1, None), refresh(2, "3"))


def test_each_says_its_release_and_how_it_ended(stack: Stack, aws: Aws) -> None:
    aws.answers.update(
        told(refresh(1, None), refresh(2, "3", "RollbackSuccessful"), refresh(3, "2"), refresh(4, "1"))
    )
    seen = recent(stack, 10)
    assert [one.release for one in seen] == ["restart", "2026.11.3", "2026.11.2", "version 1, which is gone"]
    assert seen[1].status == "RollbackSuccessful"
    assert aws.changes == []


def test_no_more_are_asked_for_than_are_wanted(stack: Stack, aws: Aws) -> None:
    aws.answers.update(told(refresh(1, "3"), refresh(2, "3"), refresh(3, "2")))
    assert len(recent(stack, 2)) == 2
    assert len(aws.named("ec2.DescribeLaunchTemplateVersions")) == 1


def test_one_that_still_runs_has_no_end(stack: Stack, aws: Aws) -> None:
    running = refresh(1, "3", "InProgress")
    del running["EndTime"]
    aws.answers.update(told(running))
    assert recent(stack, 1)[0].ended is None


def test_a_new_stack_has_none(stack: Stack, aws: Aws) -> None:
    aws.answers["autoscaling.DescribeInstanceRefreshes"] = {"InstanceRefreshes": []}
    assert recent(stack, 5) == []
