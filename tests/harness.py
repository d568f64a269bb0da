"""Builds a part of the environment in a test and returns its graph."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi_aws

from components.context import Context
from preview.evaluate import evaluate
from preview.graph import Graph

PROJECT = "syncup"
STACK = "test"


def context(**changes: Any) -> Context:
    """A context with an account and regions that documentation uses."""
    values: dict[str, Any] = {
        "project": PROJECT,
        "environment": STACK,
        "account_id": "111122223333",
        "region": "us-west-2",
        "recovery_region": "us-east-2",
        "tags": {"Project": PROJECT, "Environment": STACK},
    }
    return Context(**{**values, **changes})


def recovery_provider() -> pulumi_aws.Provider:
    """The provider of the recovery region."""
    return pulumi_aws.Provider("recovery", region=context().recovery_region)


def build(
    program: Callable[[], Any],
    *,
    known: bool = False,
    config: Mapping[str, str] | None = None,
    invokes: Mapping[str, Mapping[str, Any]] | None = None,
) -> Graph:
    """The graph of what `program` declares, with unknown or with known computed outputs."""
    return evaluate(program, project=PROJECT, stack=STACK, known=known, config=config, invokes=invokes)
