"""The guide's environment variables reach the application."""

from types import SimpleNamespace
from typing import Any

import pytest

from infra.layers.application import variables
from infra.reading import ROOT, read_project, stack_configuration

CACHE: Any = SimpleNamespace(primary_endpoint="cache.local", port=6379)


@pytest.mark.parametrize("stack", ["staging", "production", "recovery"])
def test_every_variable_that_is_no_secret_has_a_value(stack: str) -> None:
    project = read_project(stack, stack_configuration(stack, ROOT).get, root=ROOT)
    given = variables(project.settings, project.guide, CACHE)
    groups = project.guide.secrets.groups
    plain = {variable.name for group in groups for variable in group.variables if not variable.secret}
    secret = {variable.name for group in groups for variable in group.variables if variable.secret}
    assert plain <= set(given)
    assert not secret & set(given)
    assert all(given.values())


def test_the_application_calls_itself_by_the_domain_of_the_edge() -> None:
    project = read_project("staging", stack_configuration("staging", ROOT).get, root=ROOT)
    given = variables(project.settings, project.guide, CACHE)
    assert given["NEXTAUTH_URL"] == f"https://{project.settings.edge.domain}"
    assert (given["CACHE_HOST"], given["CACHE_PORT"]) == ("cache.local", "6379")
