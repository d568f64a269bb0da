"""A plan is made of what a real engine reports."""

from collections.abc import Callable, Mapping
from typing import Any

from pulumi.automation import EngineEvent, OpType

from preview.events import plan_of
from preview.graph import Message
from preview.plan import Change, Operation, Plan, Source
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


def test_the_steps_of_a_replacement_are_one_change() -> None:
    because = {"keys": ["name"], "diffs": ["name", "tags"]}
    plan = _plan(
        _step("create-replacement", more=because),
        _step("replace", more=because),
        _step("delete-replaced", more={"old": _state(TOPIC)}),
    )
    assert plan.changes == {
        TOPIC: Change(operation=Operation.REPLACE, changed=("name", "tags"), forced_by=("name",))
    }


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


def test_the_closing_error_counts_where_it_is_the_only_one() -> None:
    assert _plan(_diagnostic("error", "preview failed")).errors == ("preview failed",)
