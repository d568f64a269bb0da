"""What was changed by hand is told, what is somebody's is excused, and one issue says so until it is not."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from operate import drift, program
from operate.drift import Drift
from operate.errors import OperationError, RemoteError
from tests.operate.forge import Forge, forge
from tests.preview.recorded import BUCKET, DATABASE, Recorded, complaint, step

GROUP = "urn:pulumi:dev::shop::aws:autoscaling/group:Group::web"
SECRET = "hunter2-and-more"  # noqa: S105 (of this test alone)


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """The CLI, which knows the stack `dev`. Nothing of what is deployed there is any rule's business."""
    found = Recorded(tmp_path, monkeypatch)
    _deployed(tmp_path)
    return found


def _deployed(folder: Path, *resources: Mapping[str, Any]) -> None:
    """What the state has."""
    exported = {"version": 3, "deployment": {"manifest": {"time": "1"}, "resources": resources}}
    (folder / "said" / "stack-export.out").write_text(json.dumps(exported), encoding="utf-8")


@pytest.fixture
def github() -> Iterator[Forge]:
    """GitHub, without an issue."""
    with forge() as found:
        yield found


def _differs(urn: str, old: Mapping[str, Any], new: Mapping[str, Any] | None, *paths: str) -> list[Any]:
    """What a refresh reports of a resource that is another now; None where it is gone."""
    began = step("refresh", urn)
    op = "delete" if new is None else "update"
    ended = step(op, urn, done=True, inputs=old, outputs=old)
    metadata = ended["resOutputsEvent"]["metadata"]
    state = metadata.pop("old" if new is None else "new")
    metadata["old"] = state
    if new is not None:
        metadata["new"] = {**state, "inputs": new, "outputs": new}
        metadata["detailedDiff"] = {path: {"diffKind": "update", "inputDiff": True} for path in paths}
    return [began, ended]


def _look(cli: Recorded, *events: Any) -> Drift:
    cli.says("refresh", *events)
    return drift.look(program.of(cli.project, "dev"), "dev")


def _by_hand(cli: Recorded) -> Drift:
    return _look(cli, *_differs(BUCKET, {"bucket": "orders"}, {"bucket": "tins"}, "bucket"))


def test_nothing_that_differs_is_fine(cli: Recorded) -> None:
    found = _look(cli, step("refresh", BUCKET), step("same", BUCKET, done=True))
    assert found.fine
    assert list(drift.lines(found)) == []


def test_the_state_is_compared_and_stays_as_it_is(cli: Recorded) -> None:
    _look(cli)
    (asked,) = (call for call in cli.calls if call.startswith("refresh "))
    assert "--preview-only" in asked


def test_what_was_changed_by_hand_is_told_with_its_values(cli: Recorded) -> None:
    found = _by_hand(cli)
    assert not found.fine
    (one,) = found.differences
    assert (one.type, one.name, one.properties) == ("aws:s3/bucket:Bucket", "orders", ["bucket"])
    assert one.says == "`bucket` `orders` → `tins`"
    assert list(drift.lines(found)) == ["aws:s3/bucket:Bucket orders: bucket"]


def test_what_is_gone_is_told(cli: Recorded) -> None:
    found = _look(cli, *_differs(BUCKET, {"bucket": "orders"}, None))
    (one,) = found.differences
    assert (one.properties, one.says) == ([], "is no longer there")


def test_what_only_aws_computes_is_no_difference(cli: Recorded) -> None:
    assert _look(cli, *_differs(BUCKET, {"bucket": "orders"}, {"bucket": "orders"})).fine


def test_what_is_somebodys_is_excused_and_said(cli: Recorded) -> None:
    found = _look(cli, *_differs(GROUP, {"desiredCapacity": 3}, {"desiredCapacity": 5}, "desiredCapacity"))
    assert found.fine
    (one,) = found.excused
    assert (one.name, one.property, one.owner) == ("web", "desiredCapacity", "target tracking")
    assert list(drift.lines(found)) == ["web: desiredCapacity is target tracking's"]


def test_a_path_through_lists_is_somebodys_too(cli: Recorded) -> None:
    path = "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.version"

    def policy(version: str) -> dict[str, Any]:
        inner = {"launchTemplateSpecification": {"version": version}}
        return {"mixedInstancesPolicy": {"launchTemplate": inner}}

    found = _look(cli, *_differs(GROUP, policy("3"), policy("4"), path))
    assert [one.owner for one in found.excused] == ["syncup deploy"]
    assert found.fine


def test_beside_what_is_somebodys_the_rest_is_told(cli: Recorded) -> None:
    old, new = {"desiredCapacity": 3, "maxSize": 12}, {"desiredCapacity": 5, "maxSize": 99}
    found = _look(cli, *_differs(GROUP, old, new, "desiredCapacity", "maxSize"))
    assert [one.properties for one in found.differences] == [["maxSize"]]
    assert [one.property for one in found.excused] == ["desiredCapacity"]


def test_the_same_name_on_another_type_is_nobodys(cli: Recorded) -> None:
    found = _look(cli, *_differs(DATABASE, {"desiredCapacity": 3}, {"desiredCapacity": 5}, "desiredCapacity"))
    assert not found.fine


def test_a_secret_is_in_no_text(cli: Recorded) -> None:
    def marked(value: str) -> dict[str, Any]:
        signature = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
        return {"tags": {"k": {**signature, "value": value}}, "bucketPrefix": f"password={value}"}

    found = _look(cli, *_differs(BUCKET, marked(SECRET), marked(f"{SECRET}!"), "tags.k", "bucketPrefix"))
    text = drift.issue(found) + "".join(drift.lines(found))
    assert "tags.k" in text
    assert SECRET not in text


def test_the_rules_judge_what_is_deployed(cli: Recorded, tmp_path: Path) -> None:
    key = "urn:pulumi:dev::shop::aws:kms/key:Key::orders"
    _deployed(tmp_path, {"urn": key, "type": "aws:kms/key:Key", "inputs": {"enableKeyRotation": False}})
    found = _look(cli)
    assert not found.fine
    assert [line for line in drift.lines(found) if line.startswith("orders: kms-key-rotated: ")]
    assert "- `orders`: `kms-key-rotated`, " in drift.issue(found)


def test_a_stack_without_a_state_was_never_deployed(cli: Recorded, tmp_path: Path) -> None:
    (tmp_path / "said" / "stack-export.out").write_text("{}", encoding="utf-8")
    with pytest.raises(OperationError, match="it was never deployed"):
        _look(cli)


def test_a_comparison_that_failed_is_an_error(cli: Recorded) -> None:
    cli.says("refresh", complaint("reading main:\n  no access"), complaint="error: refresh failed")
    with pytest.raises(OperationError, match="dev cannot be compared: reading main: no access"):
        drift.look(program.of(cli.project, "dev"), "dev")


# The issue -----------------------------------------------------------------------------------------------


def test_one_issue_is_opened_written_anew_and_closed(cli: Recorded, github: Forge) -> None:
    repository = github.repository
    assert drift.report(repository, _by_hand(cli)) == "issue 100 is opened"
    (issue,) = github.issues
    assert issue["title"] == "dev is not what was deployed"
    assert issue["labels"] == [{"name": "drift"}]
    assert "`orders` (`aws:s3/bucket:Bucket`): `bucket` `orders` → `tins`" in issue["body"]
    assert issue["body"].rstrip().endswith("<!-- syncup drift dev -->")

    github.changes.clear()
    assert drift.report(repository, _by_hand(cli)) == "issue 100 says so already"
    assert github.changes == []

    more = _look(cli, *_differs(BUCKET, {"bucket": "orders"}, None))
    assert drift.report(repository, more) == "issue 100 is written anew"
    assert "is no longer there" in issue["body"]

    assert drift.report(repository, _look(cli)) == "issue 100 is closed"
    assert issue["state"] == "closed"
    assert github.comments[-1]["body"] == "dev is again what its last update left."
    github.changes.clear()
    assert drift.report(repository, _look(cli)) == "there is no issue, and none is needed"
    assert github.changes == []


def test_another_stacks_issue_and_somebody_elses_are_left_alone(cli: Recorded, github: Forge) -> None:
    github.opened("staging", "<!-- syncup drift staging -->", "drift")
    github.opened("mine", "<!-- syncup drift dev -->", "drift", by="anna")
    assert drift.report(github.repository, _by_hand(cli)) == "issue 102 is opened"
    assert drift.report(github.repository, _look(cli)) == "issue 102 is closed"
    assert [issue["state"] for issue in github.issues] == ["open", "open", "closed"]


def test_an_issue_never_becomes_too_long(cli: Recorded) -> None:
    names = [f"urn:pulumi:dev::shop::aws:s3/bucket:Bucket::{'orders' * 10}-{number}" for number in range(900)]
    events = [event for urn in names for event in _differs(urn, {"bucket": "a"}, {"bucket": "b"}, "bucket")]
    text = drift.issue(_look(cli, *events))
    assert len(text) < 65_536
    assert "`syncup drift` shows all" in text
    assert text.rstrip().endswith("<!-- syncup drift dev -->")


def test_a_refusal_of_github_is_a_line(cli: Recorded, github: Forge) -> None:
    github.failing = 403
    with pytest.raises(RemoteError, match="GITHUB_TOKEN"):
        drift.report(github.repository, _by_hand(cli))
