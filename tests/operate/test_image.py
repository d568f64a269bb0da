"""The newest base image is one of the same kind, for the processor that the stack has."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.mistakes import ConfigurationError
from infra.reading import read_project, stack_configuration
from operate import image
from operate.aws import Clients
from operate.errors import OperationError
from tests.infra import project
from tests.operate.double import Answer, Aws, Parameters, error

PRESENT, NEWER = "ami-0b2c3d4e5f6071829", "ami-0123456789abcdef0"
ARM, INTEL = (
    f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{one}" for one in ("arm64", "x86_64")
)
FILE = "Pulumi.staging.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The project's files."""
    return project.copy(tmp_path)


@pytest.fixture
def clients(aws: Aws) -> Clients:
    """Of the stack's region."""
    aws.answers.update(offering({ARM: NEWER, INTEL: "ami-0fedcba9876543210"}))
    return Clients("staging", "us-west-2")


def offering(images: Mapping[str, str]) -> dict[str, Answer]:
    """AWS, which offers these."""

    def parameter(asked: Parameters) -> Any:
        if asked["Name"] not in images:
            return error("ParameterNotFound")
        return {"Parameter": {"Name": asked["Name"], "Value": images[asked["Name"]]}}

    def described(asked: Parameters) -> Any:
        (named,) = asked["Filters"]
        return {
            "Images": [
                {"ImageId": one, "Name": f"al2023 {one}", "CreationDate": "2026-11-20T00:00:00.000Z"}
                for one in named["Values"]
                if one != PRESENT
            ]
        }

    return {"ssm.GetParameter": parameter, "ec2.DescribeImages": described}


def test_it_is_proposed_as_one_line_of_the_stacks_file(clients: Clients, root: Path) -> None:
    found = image.newest(clients, "staging", root)
    assert not found.is_present
    assert found.proposal.difference == [f"-    image_id: {PRESENT}", f"+    image_id: {NEWER}"]
    assert str(found.newest) == f"{NEWER} (al2023 {NEWER})"
    assert str(found.present) == f"{PRESENT} (AWS does not know it any more)"
    found.proposal.write()
    settings = read_project("staging", stack_configuration("staging", root).get, root=root).settings
    assert settings.application.image_id == NEWER
    assert settings.access.bastion.image_id != NEWER


def test_it_is_of_the_processor_of_the_instance_types(clients: Clients, root: Path) -> None:
    project.edit(
        root / FILE, "instance_types: [t4g.medium, t4g.large]", "instance_types: [t3.medium, t3.large]"
    )
    assert image.newest(clients, "staging", root).newest.id == "ami-0fedcba9876543210"


def test_what_is_the_newest_already_stays(clients: Clients, root: Path, aws: Aws) -> None:
    aws.answers.update(offering({ARM: PRESENT}))
    found = image.newest(clients, "staging", root)
    assert found.is_present
    assert found.proposal.difference == []


def test_a_region_without_such_an_image_is_a_line(clients: Clients, root: Path, aws: Aws) -> None:
    aws.answers.update(offering({}))
    with pytest.raises(OperationError, match=r"AWS offers no image /aws/service/.*arm64 in us-west-2"):
        image.newest(clients, "staging", root)


def test_an_answer_that_is_no_image_is_not_proposed(clients: Clients, root: Path, aws: Aws) -> None:
    aws.answers.update(offering({ARM: "resolve:ssm:latest"}))
    with pytest.raises(ConfigurationError, match="image_id"):
        image.newest(clients, "staging", root)


def test_nothing_changes_in_aws(clients: Clients, root: Path, aws: Aws) -> None:
    image.newest(clients, "staging", root).proposal.write()
    assert aws.changes == []
