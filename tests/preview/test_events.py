"""A plan is made of what a real engine reports."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation import EngineEvent, OpType

from preview.events import EventLogError, plan_of, read_log
from preview.graph import Message
from preview.plan import Change, Kind, Operation, Plan, PropertyChange, Source
from preview.values import UNKNOWN, UNKNOWN_STRING, Secret

STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
TOPIC = "urn:pulumi:dev::shop::test:index:Group$aws:sns/topic:Topic::topic"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "[secret]"}


EMPTY: dict[str, Any] = {}


def _parsed(event: dict[str, Any]) -> EngineEvent:
    parse: Callable[[dict[str, Any]], EngineEvent] = getattr(EngineEvent, "from_json")  # noqa: B009 (its own type is partly unknown)
    return parse(event)


def _state(urn: str, **more: Any) -> dict[str, Any]:
    type_ = urn.split("::")[2].rpartition("$")[2]
    custom = not type_.startswith(("pulumi:pulumi", "test:"))
    ids = {"urn": urn, "type": type_, "id": "", "parent": STACK, "provider": ""}
    return {**ids, "custom": custom, "inputs": EMPTY, "outputs": EMPTY, **more}


def _event(kind: str, op: str, urn: str, more: Mapping[str, Any] | None = None, **state: Any) -> EngineEvent:
    side = "old" if op == "delete" else "new"
    metadata = {"op": op, "urn": urn, "type": "", "provider": "", side: _state(urn, **state), **(more or {})}
    return _parsed({kind: {"metadata": metadata}})


def _step(op: str, urn: str = TOPIC, more: Mapping[str, Any] | None = None, **state: Any) -> EngineEvent:
    return _event("resourcePreEvent", op, urn, more, **state)


def _diagnostic(severity: str, message: str, *, ephemeral: bool = False) -> EngineEvent:
    event = {"severity": severity, "message": message, "color": "never", "ephemeral": ephemeral}
    return _parsed({"diagnosticEvent": event})


def _plan(*events: EngineEvent) -> Plan:
    return plan_of("shop", "dev", events)


def test_resources_are_those_of_the_steps() -> None:
    plan = _plan(
        _step("create", STACK, parent=""),
        _step("create", inputs={"name": "orders", "__defaults": []}, protect=True, parent=STACK),
    )
    topic = plan.graph.one("aws:sns/topic:Topic")
    assert (plan.project, plan.stack, plan.source) == ("shop", "dev", Source.ENGINE)
    assert (topic.name, topic.parent, topic.custom) == ("topic", STACK, True)
    assert topic.inputs == {"name": "orders"}
    assert topic.options.protect
    assert plan.changes[TOPIC] == Change(operation=Operation.CREATE)


def test_secrets_and_unknown_values_are_told_apart() -> None:
    topic = _plan(_step("create", inputs={"name": UNKNOWN_STRING, "policy": SECRET})).graph.resources[0]
    assert topic["name"] is UNKNOWN
    assert topic["policy"] == Secret("[secret]")


def test_the_engines_own_providers_are_left_out() -> None:
    default = "urn:pulumi:dev::shop::pulumi:providers:aws::default_7_51_1"
    own = "urn:pulumi:dev::shop::pulumi:providers:aws::recovery"
    assert [r.name for r in _plan(_step("create", default), _step("create", own)).graph.resources] == [
        "recovery"
    ]


def _differing(
    old: Mapping[str, Any], new: Mapping[str, Any], *, found: Mapping[str, Any] | None = None, **more: Any
) -> Change:
    """The change of a step with these inputs before and after, and these outputs before."""
    state = {"old": _state(TOPIC, inputs=old, outputs=found or EMPTY), **more}
    return _plan(_step("update", more=state, inputs=new)).changes[TOPIC]


def test_the_steps_of_a_replacement_are_one_change() -> None:
    because = {"keys": ["name"], "diffs": ["name", "tags"], "old": _state(TOPIC, protect=True)}
    plan = _plan(
        _step("create-replacement", more=because),
        _step("replace", more=because),
        _step("delete-replaced", more={"old": _state(TOPIC, protect=True)}),
    )
    change = plan.changes[TOPIC]
    assert change.operation is Operation.REPLACE
    assert (change.changed, change.forced_by) == (("name", "tags"), ("name",))
    assert change.protected


def test_a_property_differs_by_its_path_with_its_values() -> None:
    details = {"tags.Name": {"diffKind": "update"}, "rules[1]": {"diffKind": "add-replace"}}
    change = _differing(
        {"tags": {"Name": "a"}, "rules": ["x"]},
        {"tags": {"Name": "b"}, "rules": ["x", "y"]},
        diffs=["tags", "rules"],
        detailedDiff=details,
    )
    assert change.properties == (
        PropertyChange(path=("rules", 1), kind=Kind.ADD, new="y", forces=True),
        PropertyChange(path=("tags", "Name"), kind=Kind.UPDATE, old="a", new="b"),
    )


def test_without_a_detailed_diff_the_names_are_told() -> None:
    change = _differing({"a": 1, "b": 2}, {"a": 1, "c": 3}, diffs=["b", "c"], keys=["c"])
    assert change.properties == (
        PropertyChange(path=("b",), kind=Kind.DELETE, old=2),
        PropertyChange(path=("c",), kind=Kind.ADD, new=3, forces=True),
    )


def test_a_secret_that_changes_differs_without_its_values() -> None:
    (property_,) = _differing(
        {"tags": {"Owner": SECRET}},
        {"tags": {"Owner": SECRET}},
        detailedDiff={"tags.Owner": {"diffKind": "update"}},
    ).properties
    assert property_.secret
    assert property_.own


def test_what_leads_into_a_secret_is_secret() -> None:
    (property_,) = _differing(
        {"tags": SECRET}, {"tags": SECRET}, detailedDiff={"tags.Owner": {"diffKind": "update"}}
    ).properties
    assert property_.secret


def test_what_the_program_does_not_change_is_told_apart() -> None:
    """A drift, or a provider that has changed its mind: the inputs are the same on both sides."""
    same = {"engineVersion": "16.4"}
    details = {"engineVersion": {"diffKind": "update"}}
    change = _differing(
        same, same, found={"engineVersion": "16.6"}, keys=["engineVersion"], detailedDiff=details
    )
    (property_,) = change.properties
    assert not property_.own
    assert property_.forces
    assert (property_.old, property_.new) == ("16.6", "16.4")


def test_what_the_provider_makes_of_tags_is_no_change_of_its_own() -> None:
    """It contains in the clear what the tags keep secret."""
    details = {"tagsAll.Owner": {"diffKind": "update"}}
    assert _differing({"tags": {}}, {"tags": {}}, diffs=["tagsAll"], detailedDiff=details).properties == ()


def test_what_failed_is_told() -> None:
    failed = _event("resOpFailedEvent", "update", TOPIC)
    assert _plan(_step("update"), failed).changes[TOPIC].failed


def test_a_log_is_read_line_by_line(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    log.write_text(
        '{"diagnosticEvent": {"severity": "error", "message": "it failed"}}\n{"cancelEvent": {}}\n'
    )
    assert plan_of("shop", "dev", read_log(log)).errors == ("it failed",)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{}\n{", ":2: "),
        ("[]", ":1: "),
        (None, " cannot be read: "),
        ("", " is not whole: "),
        ('{"diagnosticEvent": {"severity": "warning", "message": "slow"}}', " is not whole: "),
    ],
)
def test_what_is_no_log_is_refused_in_a_line(tmp_path: Path, text: str | None, line: str) -> None:
    log = tmp_path / "events.jsonl"
    if text is not None:
        log.write_text(text)
    with pytest.raises(EventLogError) as caught:
        read_log(log)
    assert str(caught.value).startswith(f"{log}{line}")
    assert "\n" not in str(caught.value)


def test_what_is_deleted_is_in_the_plan() -> None:
    plan = _plan(_step("delete", inputs={"name": "orders"}))
    assert plan.changes[TOPIC].operation is Operation.DELETE
    assert plan.graph.resources[0]["name"] == "orders"


def test_every_operation_of_the_engine_has_a_meaning() -> None:
    for op in OpType:
        assert isinstance(_plan(_step(op.value)).changes[TOPIC].operation, Operation)


def test_outputs_are_those_of_the_end() -> None:
    plan = _plan(
        _step("create", STACK, parent=""),
        _event("resOutputsEvent", "create", STACK, outputs={"size": 3, "word": SECRET}),
    )
    assert plan.graph.stack_outputs == {"size": 3, "word": Secret("[secret]")}


def test_what_the_engine_says_is_an_error_or_a_message() -> None:
    plan = _plan(
        _diagnostic("error", "it failed\n"),
        _diagnostic("error", "it failed"),
        _diagnostic("error", "preview failed"),
        _diagnostic("warning", "it is late"),
        _diagnostic("info#err", "it says"),
        _diagnostic("debug", "it thinks"),
        _diagnostic("info", "passing", ephemeral=True),
    )
    assert plan.errors == ("it failed",)
    assert plan.graph.messages == (Message("warning", "it is late"), Message("info", "it says"))
    assert not plan.fine


def test_a_credential_that_a_provider_quotes_is_taken_out() -> None:
    key = "AKIA" + "Q3ZTPJ2MWDKYZ7BC"
    plan = _plan(
        _diagnostic("error", f"cannot sign\nwith {key}"), _diagnostic("warning", f"PGPASSWORD={key}x")
    )
    assert plan.errors == ("cannot sign\n[not shown: it looks like an AWS access key]",)
    assert key not in str(plan)


def test_the_closing_error_counts_where_it_is_the_only_one() -> None:
    assert _plan(_diagnostic("error", "preview failed")).errors == ("preview failed",)
