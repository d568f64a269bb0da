"""The resource monitor that the SDK talks to instead of an engine's.

It answers as the engine does in a preview, and refuses what an engine refuses: the same URN twice,
a lookup that nobody can answer.
"""

import dataclasses
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, resource_pb2

from preview.graph import STACK_TYPE, Graph, Message, Options, Resource, ordered
from preview.values import UNKNOWN, Secret, from_wire, to_wire

Outputs = Callable[[Resource], tuple[Any, Mapping[str, Any]]]
"""From a declared resource to its identifier and its outputs."""

# The SDK asks for these in `GetDeploymentInfo`. Output values stay off: dependencies then arrive in
# `propertyDependencies`, where they are easiest to record.
_FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
)


class ProgramError(Exception):
    """Something in the program that an engine would refuse. The message says what and where."""


class Monitor:
    """Answers one program's requests and keeps a record of them."""

    def __init__(
        self,
        project: str,
        stack: str,
        *,
        outputs: Outputs,
        invokes: Mapping[str, Mapping[str, Any]],
        directory: Path,
    ) -> None:
        """Prepares an empty record.

        Args:
            project: the project's name.
            stack: the stack's name.
            outputs: what a resource is answered with.
            invokes: the answers to lookups, by function token.
            directory: the project's folder, from which places in its files are told.
        """
        self._project = project
        self._stack = stack
        self._outputs = outputs
        self._invokes = invokes
        self._directory = directory
        self._lock = threading.Lock()
        self._resources: dict[str, Resource] = {}
        self._stack_outputs: Mapping[str, Any] = {}

    def graph(self, messages: tuple[Message, ...] = ()) -> Graph:
        """What has been declared, in a fixed order."""
        return Graph(ordered(self._resources.values()), self._stack_outputs, messages)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the protocol's name)
        """Records a resource and answers with its outputs."""
        resource = Resource(
            urn=self._urn(request.parent, request.type, request.name),
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=request.custom,
            inputs=from_wire(request.object),
            dependencies=tuple(sorted(request.dependencies)),
            property_dependencies={
                name: tuple(sorted(found.urns))
                for name, found in sorted(request.propertyDependencies.items())
                if found.urns
            },
            options=Options(
                protect=request.protect,
                retain_on_delete=request.retainOnDelete,
                delete_before_replace=request.deleteBeforeReplace,
                replace_on_changes=tuple(request.replaceOnChanges),
                ignore_changes=tuple(request.ignoreChanges),
                aliases=tuple(self._alias(alias, request) for alias in request.aliases),
                additional_secret_outputs=tuple(request.additionalSecretOutputs),
                provider=request.provider,
                import_id=request.importId,
                deleted_with=request.deletedWith,
            ),
            source=self._source(request.sourcePosition),
        )
        return self._record(resource, resource_pb2.RegisterResourceResponse)

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        """Records a resource that the program only reads."""
        resource = Resource(
            urn=self._urn(request.parent, request.type, request.name),
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=True,
            read=True,
            inputs=from_wire(request.properties),
            dependencies=tuple(sorted(request.dependencies)),
            options=Options(provider=request.provider, import_id=request.id),
            source=self._source(request.sourcePosition),
        )
        return self._record(resource, resource_pb2.ReadResourceResponse)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        """Records a component's outputs, or the stack's."""
        outputs = from_wire(request.outputs)
        with self._lock:
            resource = self._resources[request.urn]
            self._resources[request.urn] = dataclasses.replace(resource, outputs=outputs)
            if resource.type == STACK_TYPE:
                self._stack_outputs = outputs
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        """Answers a lookup from the declared fixtures."""
        answer = self._invokes.get(request.tok)
        if answer is None:
            raise ProgramError(
                f"the program looks up {request.tok}, which only a cloud could answer; "
                "declare its answer among the fixtures"
            )
        response = resource_pb2.ResourceInvokeResponse()
        # `return` is a word of Python, so the field can only be reached by name.
        getattr(response, "return").CopyFrom(to_wire(answer))
        return response

    def Call(self, request: Any) -> Any:  # noqa: N802
        """Refuses a method call: no resource of this project has one."""
        raise ProgramError(f"the program calls the method {request.tok}, which only a cloud could answer")

    def GetDeploymentInfo(self, _request: Any) -> Any:  # noqa: N802
        """The features of the protocol that this monitor understands."""
        return resource_pb2.DeploymentInfo(supportedFeatures=_FEATURES)

    def SupportsFeature(self, request: Any) -> Any:  # noqa: N802
        """The older form of the same question."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id != "outputValues")

    def RegisterPackage(self, request: Any) -> Any:  # noqa: N802
        """Accepts a provider package."""
        return resource_pb2.RegisterPackageResponse(ref=request.name)

    def SignalAndWaitForShutdown(self, _request: Any) -> Any:  # noqa: N802
        """Nothing has to be waited for."""
        return empty_pb2.Empty()

    def _urn(self, parent: str, type_token: str, name: str) -> str:
        """The engine's URN. A child of the stack carries no parent type, unlike in the SDK's mocks."""
        parent_type = parent.split("::")[2] if parent else ""
        qualified = type_token if parent_type in ("", STACK_TYPE) else f"{parent_type}${type_token}"
        return f"urn:pulumi:{self._stack}::{self._project}::{qualified}::{name}"

    def _source(self, position: Any) -> str:
        """The place of a declaration in the project's own files."""
        uri: str = position.uri
        file = Path(unquote(urlsplit(uri).path))
        own = file.is_relative_to(self._directory) and not file.is_relative_to(sys.prefix)
        return f"{file.relative_to(self._directory)}:{position.line}" if own else ""

    def _alias(self, alias: Any, request: Any) -> str:
        """The URN that an alias stands for; what it leaves out is as now."""
        if alias.urn:
            return alias.urn
        spec = alias.spec
        parent = "" if spec.noParent else spec.parentUrn or request.parent
        return self._urn(parent, spec.type or request.type, spec.name or request.name)

    def _record(self, resource: Resource, response: Any) -> Any:
        identifier, outputs = self._outputs(resource) if resource.custom else ("", resource.inputs)
        absent = UNKNOWN if identifier is UNKNOWN else None
        secret = {
            name: value if isinstance(value, Secret) else Secret(value)
            for name in resource.options.additional_secret_outputs
            if (value := outputs.get(name, absent)) is not None
        }
        resource = dataclasses.replace(resource, id=identifier, outputs={**outputs, **secret})
        with self._lock:
            if resource.urn in self._resources:
                raise ProgramError(
                    f"two resources have the URN {resource.urn}; give one of them another name"
                )
            self._resources[resource.urn] = resource
        answer: dict[str, Any] = {"urn": resource.urn}
        # An unknown identifier is an absent one in the protocol.
        if response is resource_pb2.RegisterResourceResponse:
            answer |= {"id": "" if identifier is UNKNOWN else identifier, "object": to_wire(resource.outputs)}
        else:
            answer |= {"properties": to_wire(resource.outputs)}
        return response(**answer)


class Engine:
    """Collects what the program logs."""

    def __init__(self) -> None:
        """Starts with nothing logged."""
        self.messages: list[Message] = []

    def Log(self, request: Any) -> Any:  # noqa: N802
        """Keeps a message with its severity, except debugging ones."""
        if request.severity == engine_pb2.ERROR:
            raise ProgramError(request.message)
        if request.severity != engine_pb2.DEBUG:
            self.messages.append(
                Message(engine_pb2.LogSeverity.Name(request.severity).lower(), request.message)
            )
        return empty_pb2.Empty()
