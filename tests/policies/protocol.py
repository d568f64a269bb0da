"""Drives a pack as the engine does: as a process of its own, over the analyzer protocol."""

import os
import subprocess
import sys
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2_grpc

from preview import graph
from preview.values import to_wire

PACK = Path(__file__).parents[2] / "policies"

_LARGEST_MESSAGE = 400 * 1024 * 1024


@contextmanager
def running(*, stack: str, preview: bool, folder: Path) -> Generator[Any]:
    """The pack's client.

    Args:
        stack: the stack's name.
        preview: whether the operation changes nothing.
        folder: where the engine was started.
    """
    environment = {
        **os.environ,
        "PULUMI_PROJECT": "syncup",
        "PULUMI_STACK": stack,
        "PULUMI_DRY_RUN": str(preview).lower(),
    }
    # The language host starts a pack in its own folder, with that folder first on the path.
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(PACK)]
    with subprocess.Popen(  # noqa: S603 (this very Python)
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            if not port.isdigit():
                process.terminate()
                raise RuntimeError(f"{port}{process.communicate()[1]}")
            options = [("grpc.max_receive_message_length", _LARGEST_MESSAGE)]
            with grpc.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
                yield analyzer_pb2_grpc.AnalyzerStub(channel)
        finally:
            process.terminate()
            process.communicate()


def configure(client: Any, **rules: Mapping[str, Any]) -> Any:
    """What the engine does first: asks for the pack's rules, and hands their configuration back.

    Args:
        client: the pack's client.
        rules: levels and parameters that the user gives, by rule.
    """
    info = client.GetAnalyzerInfo(proto.PluginInfo())
    request = proto.ConfigureAnalyzerRequest()
    for policy in info.policies:
        config = request.policyConfig[policy.name]
        given = dict(rules.get(policy.name, {}))
        config.enforcementLevel = given.pop("enforcementLevel", policy.enforcementLevel)
        for name, schema in policy.configSchema.properties.items():
            config.properties[name] = given.get(name, _default(schema))
    client.Configure(request)
    return info


def _default(schema: struct_pb2.Struct) -> Any:
    value = schema.fields["default"]
    kind = value.WhichOneof("kind")
    return value.list_value if kind == "list_value" else getattr(value, kind or "null_value")


def analyze(client: Any, resource: graph.Resource, **provider: Any) -> list[Any]:
    """Has one resource judged before it is made; gives the diagnostics.

    Args:
        client: the pack's client.
        resource: the resource.
        provider: how its provider is configured.
    """
    request = _request(proto.AnalyzeRequest, resource, resource.inputs)
    request.provider.properties.CopyFrom(to_wire(provider))
    return list(client.Analyze(request).diagnostics)


def analyze_stack(client: Any, resources: Iterable[graph.Resource]) -> list[Any]:
    """Has all resources judged with the outputs that they have by then; gives the diagnostics."""
    request = proto.AnalyzeStackRequest()
    for resource in resources:
        outputs = {"id": resource.id, **resource.outputs} if resource.custom else resource.outputs
        described = _request(proto.AnalyzerResource, resource, outputs)
        described.parent = resource.parent
        described.dependencies.extend(resource.dependencies)
        for name, urns in resource.property_dependencies.items():
            described.propertyDependencies[name].urns.extend(urns)
        request.resources.append(described)
    return list(client.AnalyzeStack(request).diagnostics)


def _request(kind: Any, resource: graph.Resource, properties: Mapping[str, Any]) -> Any:
    return kind(
        type=resource.type,
        urn=resource.urn,
        name=resource.name,
        properties=to_wire(properties),
        options=proto.AnalyzerResourceOptions(
            protect=resource.options.protect,
            ignoreChanges=resource.options.ignore_changes,
            additionalSecretOutputs=resource.options.additional_secret_outputs,
            parent=resource.parent,
        ),
        provider=_provider(resource),
    )


def _provider(resource: graph.Resource) -> Any:
    """The provider that a resource names, else the engine's own for its package."""
    package = resource.type.partition(":")[0]
    token = f"pulumi:providers:{package}"
    urn = resource.options.provider.rpartition("::")[0] or f"urn:pulumi:test::example::{token}::default_1_0_0"
    return proto.AnalyzerProviderResource(type=token, urn=urn, name=urn.rpartition("::")[2])
