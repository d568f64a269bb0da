"""How the score counts, by judges whose opinion is known."""

from collections.abc import Set as AbstractSet

from preview.graph import Graph, Resource
from tests.policies.mutation_score import Finding, Report, score
from tests.policies.weakenings.edits import Target, change, drop
from tests.policies.weakenings.model import Kind, Pair

QUEUE = "aws:sqs/queue:Queue"
TOPIC = "aws:sns/topic:Topic"

_queue, _topic = Target("SQS", QUEUE), Target("SNS", TOPIC)
NO_KEY = _queue(Kind.KEY, "no key", "SQS.1", drop("kmsMasterKeyId"))
SHORT = _queue(Kind.RETENTION, "kept a minute", "nothing", change("messageRetentionSeconds", 60))
TOPIC_KEY = _topic(Kind.KEY, "no key", "SNS.1", drop("kmsMasterKeyId"))
EXCLUDED = _topic(Kind.ALERT, "renamed", "nothing", change("name", "x"), excluded="a name is a name")
CATALOGUE = (NO_KEY, SHORT, TOPIC_KEY, EXCLUDED)


def _resource(type_token: str, name: str) -> Resource:
    return Resource(
        urn=f"urn:pulumi:test::example::{type_token}::{name}",
        type=type_token,
        name=name,
        parent="",
        custom=True,
        inputs={"name": name, "kmsMasterKeyId": "key", "messageRetentionSeconds": 1209600},
    )


GRAPH = Graph((_resource(QUEUE, "a"), _resource(QUEUE, "b"), _resource(TOPIC, "t")))
STACKS = {"test": Pair(GRAPH, GRAPH)}


def _without_key(pair: Pair, changed: frozenset[str] | None = None, /) -> AbstractSet[Finding]:
    """Fires for every queue without a key, and always for one that is called a."""
    queues = [resource for resource in pair.known.all(QUEUE) if changed is None or resource.urn in changed]
    fired = {("key", resource.urn) for resource in queues if "kmsMasterKeyId" not in resource.inputs}
    return fired | {("name", resource.urn) for resource in queues if resource.name == "a"}


def _report() -> Report:
    return score(_without_key, STACKS, CATALOGUE)


def test_a_mutation_is_noticed_where_a_rule_fires_that_did_not_before() -> None:
    noticed = {(m.weakening.name, m.urn.rpartition("::")[2]): m.rules for m in _report().mutations}
    assert noticed == {
        (NO_KEY.name, "a"): {"key"},
        (NO_KEY.name, "b"): {"key"},
        (SHORT.name, "a"): set(),
        (SHORT.name, "b"): set(),
        (TOPIC_KEY.name, "t"): set(),
    }


def test_a_judge_that_knows_what_changed_comes_to_the_same() -> None:
    def whole(pair: Pair, _changed: frozenset[str] | None = None, /) -> AbstractSet[Finding]:
        return _without_key(pair)

    assert score(whole, STACKS, CATALOGUE) == _report()


def test_the_judge_is_told_what_changed() -> None:
    told: list[frozenset[str] | None] = []

    def judge(_pair: Pair, changed: frozenset[str] | None = None, /) -> AbstractSet[Finding]:
        told.append(changed)
        return frozenset()

    score(judge, STACKS, (NO_KEY,))
    a, b, _topic = GRAPH.resources
    assert told == [None, {a.urn}, {b.urn}]


def test_services_and_kinds_are_counted_apart() -> None:
    report = _report()
    assert {service: (t.noticed, t.total) for service, t in report.services.items()} == {
        "SNS": (0, 1),
        "SQS": (2, 4),
    }
    assert {service: (t.noticed, t.total) for service, t in report.weakenings.items()} == {
        "SNS": (0, 1),
        "SQS": (1, 2),
    }
    assert report.overall.share == 0.4


def test_a_weakening_is_noticed_only_where_it_is_noticed_everywhere() -> None:
    def half(pair: Pair, _changed: frozenset[str] | None = None, /) -> AbstractSet[Finding]:
        return {f for f in _without_key(pair) if f[1].endswith("::a")}

    report = score(half, STACKS, (NO_KEY,))
    assert (report.services["SQS"].noticed, report.weakenings["SQS"].noticed) == (1, 0)


def test_goals_that_are_missed_are_said() -> None:
    assert [line.split(":")[0] for line in _report().misses] == ["SNS", "SQS", "overall"]
    assert score(_without_key, STACKS, (NO_KEY,)).misses == []


def test_the_table_names_survivors_and_exclusions_with_reasons() -> None:
    table = _report().table()
    lines = [" ".join(line.split()) for line in table.splitlines()]
    assert "SQS 1 of 2 50.0% 2 of 4 50.0%" in lines
    assert "all services 1 of 3 33.3% 2 of 5 40.0%" in lines
    assert "SQS | sqs/queue: kept a minute | retention shortened | nothing" in lines
    assert "test: a" in lines
    assert "SNS | sns/topic: renamed: a name is a name" in lines
    assert "no key | key removed | SQS.1" not in table
