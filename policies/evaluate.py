"""Asks rules about resources, and keeps whatever happens inside a rule from stopping a deployment."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from policies.configuration import Configuration
from policies.rule import Level, OutOfScope, Problems, Rule, Settings
from policies.stack import Stack
from policies.view import MalformedError, Resource, UndecidedError


class Verdict(StrEnum):
    """What a rule says of a resource."""

    COMPLIANT = "compliant"
    VIOLATED = "violated"
    UNDECIDABLE = "undecidable"
    """It depends on a value that is not known yet."""
    OUT_OF_SCOPE = "out-of-scope"
    """The rule says nothing about it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What one rule says of one resource. It contains no property's value."""

    rule: Rule
    urn: str
    verdict: Verdict
    problems: tuple[str, ...] = ()
    """What is wrong, where it is violated."""
    unknown: str = ""
    """The property that is not known yet, where it is undecidable."""
    broken: bool = False
    """Whether the rule itself failed; that blocks like a violation, whatever the rule's level."""


def judge(rule: Rule, resource: Resource, settings: Settings, stack: Stack | None = None) -> Judgement:
    """Asks one rule about one resource. Nothing is raised, whatever the resource and the rule are.

    Args:
        rule: it judges resources of this type.
        resource: the resource.
        settings: a value for each of the rule's parameters.
        stack: all resources, where the rule's scope is the stack.
    """
    problems: list[str] = []
    verdict, unknown, broken = Verdict.COMPLIANT, "", False
    try:
        given = {name: settings[name] for name in rule.parameters}
        arguments = (resource,) if rule.scope == "resource" else (resource, stack)
        answer = rule.predicate(*arguments, **given)
        if isinstance(answer, OutOfScope):
            verdict = Verdict.OUT_OF_SCOPE
        else:
            _collect(answer, problems)
    except UndecidedError as error:
        verdict, unknown = Verdict.UNDECIDABLE, error.path
    except MalformedError as error:
        problems.append(f"{error.path} is no JSON document that AWS can read")
    except Exception as error:  # It would stop the whole deployment.
        broken = True
        problems.append(f"the rule could not judge this ({type(error).__name__}): report it")
    if problems:
        # What is known to be wrong stays wrong, whatever the unknown will turn out to be.
        verdict, unknown = Verdict.VIOLATED, ""
    return Judgement(
        rule=rule,
        urn=resource.urn,
        verdict=verdict,
        problems=tuple(dict.fromkeys(problems)),
        unknown=unknown,
        broken=broken,
    )


def _collect(answer: Problems, problems: list[str]) -> None:
    """Keeps the problems one by one, so that those before an unknown are not lost."""
    if isinstance(answer, str):
        problems.append(answer)
    elif answer is not None and not isinstance(answer, OutOfScope):
        for problem in answer:
            problems.append(problem)  # noqa: PERF402 (the generator may raise between two)


def by_type(rules: Iterable[Rule]) -> Mapping[str, tuple[Rule, ...]]:
    """The rules of each resource type, in their order."""
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        for token in rule.types:
            found.setdefault(token, []).append(rule)
    return {token: tuple(of_type) for token, of_type in found.items()}


def judge_stack(rules: Iterable[Rule], stack: Stack, configuration: Configuration) -> Iterator[Judgement]:
    """Asks every rule that is not disabled about every resource of its types, resources in their order."""
    of_type = by_type(rule for rule in rules if configuration.level(rule) is not Level.DISABLED)
    settings: dict[str, Settings] = {}
    for resource in stack.resources:
        for rule in of_type.get(resource.type, ()):
            if rule.name not in settings:
                settings[rule.name] = configuration.settings(rule)
            yield judge(rule, resource, settings[rule.name], stack)
