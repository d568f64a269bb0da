"""A place in a resource is told in the names that its author wrote."""

import pytest

from preview.places import place_of
from preview.values import Path


@pytest.mark.parametrize(
    ("token", "path", "text", "names"),
    [
        ("aws:rds/instance:Instance", ("instanceClass",), "instance_class", ("instance_class",)),
        (
            "aws:ec2/launchTemplate:LaunchTemplate",
            ("blockDeviceMappings", 1, "ebs", "volumeSize"),
            "block_device_mappings[1].ebs.volume_size",
            ("block_device_mappings", "ebs", "volume_size"),
        ),
        ("aws:rds/instance:Instance", ("tags", "a b"), 'tags["a b"]', ("tags",)),
        # A policy is a text or an object.
        (
            "aws:sns/topicPolicy:TopicPolicy",
            ("policy", "Statement", 0),
            "policy.statement[0]",
            ("policy", "statement"),
        ),
        # What no SDK knows stays as it is.
        ("aws:rds/instance:Instance", ("noSuch", "thing"), "noSuch.thing", ("noSuch", "thing")),
        ("aws:no/such:Type", ("someName", 0), "someName[0]", ("someName",)),
        ("test:index:Group", (), "", ()),
    ],
)
def test_a_path_is_written_in_python_names(token: str, path: Path, text: str, names: tuple[str, ...]) -> None:
    place = place_of(token, path)
    assert (place.text, place.names) == (text, names)
