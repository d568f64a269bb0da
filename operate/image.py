"""The newest base image of the application's instances, as a change of the stack's file.

Nothing changes in AWS: the file is committed and reviewed like any other change, `syncup up` writes it into
the launch template, and the next deployment brings it to the instances.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from components.instance_types import architecture
from infra.reading import ROOT, stack_configuration
from infra.stack_file import Proposal, Set, propose
from operate.aws import Clients, is_missing
from operate.errors import OperationError

_SECTION: Final = "syncup:application"
_NEWEST: Final = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}"
"""https://docs.aws.amazon.com/linux/al2023/ug/ec2.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """One image, as far as AWS still knows it."""

    id: str
    name: str
    """`al2023-ami-2023.9.20251117.1-kernel-6.1-arm64`; empty where AWS does not know it any more."""
    made: str
    """When, in UTC."""

    def __str__(self) -> str:
        return f"{self.id} ({self.name or 'AWS does not know it any more'})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Newest:
    """The image that the stack's file names, and the newest of the same kind."""

    present: Image
    newest: Image
    proposal: Proposal

    @property
    def is_present(self) -> bool:
        """Whether the file names the newest one already."""
        return self.present.id == self.newest.id


def newest(clients: Clients, stack: str, root: Path = ROOT) -> Newest:
    """Looks for the newest Amazon Linux 2023 for the processor of the stack's instance types.

    Args:
        clients: of the stack's region.
        stack: its name.
        root: the project's folder.

    Raises:
        ConfigurationError: the stack's file has mistakes, or cannot be edited.
        OperationError: AWS offers no such image there.
    """
    settings: Any = json.loads(stack_configuration(stack, root)[_SECTION])
    name = _NEWEST.format(architecture=architecture(settings["instance_types"][0]))
    try:
        found = clients.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    except ClientError as error:
        if is_missing(error):
            raise OperationError(f"AWS offers no image {name} in {clients.region}") from error
        raise
    present = str(settings["image_id"])
    known = _described(clients, {present, found})
    return Newest(
        present=known[present],
        newest=known[found],
        proposal=propose(stack, [Set(path=("config", _SECTION, "image_id"), value=found)], root),
    )


def _described(clients: Clients, ids: set[str]) -> dict[str, Image]:
    """The images; a filter, since AWS answers with an error to an identifier that is gone."""
    answer = clients.client("ec2").describe_images(
        Filters=[{"Name": "image-id", "Values": sorted(ids)}], IncludeDeprecated=True
    )
    known = {image["ImageId"]: image for image in answer["Images"]}
    return {
        one: Image(
            id=one, name=known.get(one, {}).get("Name", ""), made=known.get(one, {}).get("CreationDate", "")
        )
        for one in ids
    }
