"""What the program declares is as the preview, the ownership table and the command expect it."""

from collections.abc import Iterator
from typing import Any, Final

from infra.ownership import UNDECLARED, not_managed
from infra.reading import ROOT
from preview import sdk_types
from preview.agreement import disagreements
from preview.check import check
from preview.graph import Resource
from preview.values import Unknown, walk
from tests.program.invariants.look import at, custom, items
from tests.program.stacks import PROJECT, Built

_PARAMETER: Final = "aws:ssm/parameter:Parameter"


def it_is_declared_as_the_providers_want(stack: Built) -> Iterator[str]:
    """Every property exists and has its type, every URN that is named is declared, every file is there."""
    yield from map(str, check(stack.unknown, ROOT, built="build"))
    yield from map(str, check(stack.known, ROOT, built="build"))


def it_is_the_same_whatever_the_cloud_answers(stack: Built) -> Iterator[str]:
    """No resource is made inside `apply`: the same ones are declared while outputs are unknown."""
    yield from map(str, disagreements(stack.unknown, stack.known))


def the_sdk_warns_of_nothing(stack: Built) -> Iterator[str]:
    """What it warns of is deprecated, or will not work."""
    for message in (*stack.unknown.messages, *stack.known.messages):
        yield f"{message.severity}: {message.text}"


def nothing_is_managed_that_is_somebody_elses(stack: Built) -> Iterator[str]:
    """What the ownership table gives away is not said at all, or ignored from the second `up` on."""
    owned = not_managed()
    for resource in custom(stack.known):
        if resource.type in UNDECLARED:
            yield f"{resource.urn}: {UNDECLARED[resource.type]}"
        for path in owned.get(resource.type, ()):
            said = at(resource.inputs, *path.split(".")) is not None
            if said and path not in resource.options.ignore_changes:
                yield f"{resource.urn}: {path} is somebody else's"


def everything_says_whose_it_is(stack: Built) -> Iterator[str]:
    """Whatever takes tags carries the environment's, and in AWS a name."""
    wanted = {"Project": PROJECT, "Environment": stack.name, "ManagedBy": "pulumi"}
    in_datadog = {f"project:{PROJECT}", f"environment:{stack.name}"}
    for resource in custom(stack.unknown):
        lacking: list[str] = []
        if resource.type in MONITORING:
            lacking = sorted(in_datadog - set(items(resource.inputs, "tags")))
        elif resource.type.startswith("aws:") and "tags" in sdk_types.inputs(resource.type):
            given = _tags(resource)
            lacking = [key for key, value in wanted.items() if given.get(key) != value]
            lacking += [] if given.get("Name") else ["Name"]
        if lacking:
            yield f"{resource.urn}: it lacks the tags {lacking}"


def _tags(resource: Resource) -> dict[str, Any]:
    """A resource's tags; an Auto Scaling group's are a list, since instances inherit some of them."""
    listed = items(resource.inputs, "tags")
    return {tag["key"]: tag["value"] for tag in listed} or dict(at(resource.inputs, "tags") or {})


MONITORING: Final = (
    "datadog:index/monitor:Monitor",
    "datadog:index/serviceLevelObjective:ServiceLevelObjective",
)
"""Datadog's types that are found by their tags; a dashboard's are the names of teams."""


def nothing_follows_the_latest(stack: Built) -> Iterator[str]:
    """`$Latest` would put a version into service that nobody has rolled out."""
    for resource in custom(stack.known):
        for path, value in walk(resource.inputs):
            if isinstance(value, str) and value.lower() in ("$latest", "$default", "latest"):
                yield f"{resource.urn}: {'.'.join(map(str, path))} is {value}"


def the_command_finds_every_output(stack: Built) -> Iterator[str]:
    """Each output is a parameter of the same value, and none is missing."""
    prefix = f"/{PROJECT}/{stack.name}/outputs/"
    parameters = {
        parameter["name"].removeprefix(prefix): parameter["insecureValue"]
        for parameter in stack.known.all(_PARAMETER)
        if parameter["name"].startswith(prefix)
    }
    outputs = stack.known.stack_outputs
    for name in sorted(parameters.keys() | outputs.keys() | OUTPUTS):
        if not outputs.get(name) or isinstance(outputs[name], Unknown):
            yield f"the output {name} is {outputs.get(name)!r}"
        elif parameters.get(name) != outputs[name]:
            yield f"{prefix}{name} is {parameters.get(name)!r}, and the output {outputs[name]!r}"


OUTPUTS: Final = frozenset(
    {
        "account-id",
        "application-group",
        "application-log-group",
        "backup-vault",
        "bastion-instance",
        "cache-endpoint",
        "cache-group",
        "database-address",
        "database-identifier",
        "database-name",
        "database-proxy",
        "database-proxy-endpoint",
        "distribution-id",
        "dump-bucket",
        "dump-project",
        "firewall-log-group",
        "global-region",
        "launch-template-id",
        "launch-template-urn",
        "load-balancer",
        "recovery-region",
        "refresh-alarms",
        "region",
        "release-bucket",
        "search-endpoint",
        "static-bucket",
        "status-page",
        "status-page-components",
        "url",
        "vpn-endpoint",
    }
)
"""What the guide's procedures have to know of an environment."""
