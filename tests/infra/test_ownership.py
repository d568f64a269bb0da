"""The ownership table speaks of properties that there are, in the names that the engine knows."""

import typing
from importlib import import_module

import pytest

from infra.ownership import OWNED, PARAMETERS, UNDECLARED, Owned, not_managed
from tests.program.stacks import built


def _class(token: str) -> type:
    """The SDK's class of a type: `rds.Instance` for `aws:rds/instance:Instance`."""
    _, module, name = token.split(":")
    return getattr(import_module(f"pulumi_aws.{module.partition('/')[0]}"), name)


@pytest.mark.parametrize("owned", OWNED, ids=lambda owned: f"{owned.type} {owned.property}")
def test_the_property_exists(owned: Owned) -> None:
    """Followed through the SDK's own types, as deep as the path goes."""
    holder: type = _class(owned.type)
    names = owned.property.split(".")
    for name in names:
        assert isinstance(getattr(holder, name), property)
        getter = getattr(holder, name).fget
        holder = _inner(typing.get_type_hints(getter)["return"])


def _inner(kind: typing.Any) -> typing.Any:
    """The class inside `Output[Optional[…]]`."""
    while typing.get_args(kind):
        kind = next(argument for argument in typing.get_args(kind) if argument is not type(None))
    return kind


def test_paths_are_given_as_the_engine_knows_them() -> None:
    group = not_managed()["aws:autoscaling/group:Group"]
    assert "desiredCapacity" in group
    assert "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.version" in group


def test_everything_owned_is_ignored() -> None:
    assert sum(map(len, not_managed().values())) == len(OWNED)
    assert not set(UNDECLARED) & set(not_managed())


def test_parameters_of_other_owners_are_not_declared() -> None:
    names = {
        resource.inputs["name"]
        for resource in built("staging").known.resources
        if resource.type == "aws:ssm/parameter:Parameter"
    }
    assert "/syncup/staging/outputs/url" in names
    assert not names & {f"/syncup/staging/{part}" for part in PARAMETERS}


@pytest.mark.parametrize("module", ["good_revision", "lock", "releases"])
def test_every_parameter_that_a_procedure_keeps_is_in_the_table(module: str) -> None:
    assert getattr(import_module(f"operate.{module}"), "_PART") in PARAMETERS  # noqa: B009 (its own)
