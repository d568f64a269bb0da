"""Rules, judgements and resources for the tests of what is made of them."""

from typing import Any, Final

from policies.evaluate import Judgement, Verdict
from policies.rule import Level, Problems, Rule, Severity, rule
from policies.stack import Stack
from policies.view import Resource

THING: Final = "aws:example/thing:Thing"


def urn(name: str) -> str:
    """The URN of a thing."""
    return f"urn:pulumi:test::example::some:kind:Component${THING}::{name}"


def thing(name: str = "thing", **inputs: Any) -> Resource:
    """A thing."""
    return Resource(urn=urn(name), type_token=THING, inputs=inputs)


def sample(name: str, level: Level = Level.MANDATORY, severity: Severity = Severity.HIGH) -> Rule:
    """A rule that wants things to be closed."""

    @rule(
        name=name,
        title="Things are closed",
        severity=severity,
        level=level,
        controls=("Thing.1",),
        types=(THING,),
        why="Open things fall out.",
        fix='aws.example.Thing("thing", open=False)',
        link="https://example.com/thing-1",
    )
    def closed(thing: Resource, *, minimum_backup_retention_days: int) -> Problems:
        if thing.is_present("boom"):
            raise ZeroDivisionError
        if thing.number("days", default=99) < minimum_backup_retention_days:
            yield f"days is below {minimum_backup_retention_days}"
        if thing.flag("open", default=True):
            yield "open is on"

    return closed


CLOSED: Final = sample("thing-closed")


@rule(
    name="thing-has-company",
    title="Things are not alone",
    severity=Severity.LOW,
    types=(THING,),
    why="A thing that is alone is lost.",
    fix='aws.example.Thing("another")',
    link="https://example.com/thing-2",
)
def COMPANY(_thing: Resource, stack: Stack) -> Problems:  # noqa: N802 (a rule)
    """A rule about the whole stack."""
    return None if len(stack.all(THING)) > 1 else "it is alone"


def judgement(
    rule: Rule = CLOSED, name: str = "thing", verdict: Verdict = Verdict.VIOLATED, **given: Any
) -> Judgement:
    """What a rule said of a thing."""
    given.setdefault("problems", ("open is on",) if verdict is Verdict.VIOLATED else ())
    return Judgement(rule=rule, urn=urn(name), verdict=verdict, **given)
