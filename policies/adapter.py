"""The pack on the engine's analyzer protocol.

`pulumi_policy.PolicyPack` reads every request anew for each policy that is registered, which with hundreds of
rules takes most of the time (and turns whatever a rule says of an unknown value into an advisory). The pack
therefore serves the protocol itself, with the classes that the SDK generates from it: each request is read
once, and its resource's type says which rules are asked.
https://github.com/pulumi/pulumi/blob/master/proto/pulumi/analyzer.proto
"""

import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent import futures
from typing import Any, Final

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2_grpc
from pulumi_policy.version import VERSION as SDK_VERSION

from infra.mistakes import ConfigurationError
from policies.configuration import Configuration, Part
from policies.evaluate import Verdict, by_type, judge
from policies.messages import message_of
from policies.normalise import normalise
from policies.pack import Pack, read_pack
from policies.parameters import PARAMETERS
from policies.report import Finding, Standing, finding_of
from policies.rule import STACK_TYPE, Level, Rule
from policies.stack import Stack
from policies.view import UNKNOWN, Options, Resource, View

NAME: Final = "aws-security"
VERSION: Final = "1.0.0"

_LEVELS: Final = {
    Level.ADVISORY: proto.ADVISORY,
    Level.MANDATORY: proto.MANDATORY,
    Level.DISABLED: proto.DISABLED,
}
_SEVERITIES: Final = {
    "low": proto.POLICY_SEVERITY_LOW,
    "medium": proto.POLICY_SEVERITY_MEDIUM,
    "high": proto.POLICY_SEVERITY_HIGH,
    "critical": proto.POLICY_SEVERITY_CRITICAL,
}
_LARGEST_MESSAGE: Final = 400 * 1024 * 1024
"""Bytes; a request contains a whole stack. The SDK's own packs have the same limit."""
_A_DAY: Final = 86_400


def serve() -> None:
    """Serves the pack until the engine ends it. The port is all that may reach standard output."""
    try:
        pack = read_pack(os.environ.get("PULUMI_STACK", ""))
    except ConfigurationError as error:
        sys.exit(str(error))
    preview = os.environ.get("PULUMI_DRY_RUN") == "true"
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=4),
        options=[("grpc.max_receive_message_length", _LARGEST_MESSAGE)],
    )
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Analyzer(pack, preview=preview), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    try:
        while True:
            time.sleep(_A_DAY)
    except KeyboardInterrupt:
        server.stop(0)


class Analyzer(proto.AnalyzerServicer):
    """Answers the engine. Whatever a request contains, no answer is an error."""

    def __init__(self, pack: Pack, *, preview: bool) -> None:
        """Starts with the levels of the pack's own files.

        Args:
            pack: the rules and files.
            preview: whether the operation changes nothing; `ConfigureStack` may say otherwise.
        """
        self._pack = pack
        self._preview = preview
        self._configuration = pack.configuration
        self._declared: dict[str, Resource] = {}
        """What `Analyze` was given, by URN: inputs, which `AnalyzeStack` has no more."""
        self._arrange()

    def _arrange(self) -> None:
        configuration = self._configuration
        rules = [rule for rule in self._pack.rules if configuration.level(rule) is not Level.DISABLED]
        self._of_resource = by_type(rule for rule in rules if rule.scope == "resource")
        self._of_stack = by_type(rule for rule in rules if rule.scope == "stack")
        self._settings = {rule.name: configuration.settings(rule) for rule in rules}

    # What the pack is -----------------------------------------------------------------------------------

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802 (the protocol's name)
        """Needs nothing of the engine."""
        return proto.AnalyzerHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """The version of the SDK, as the SDK's own packs say it."""
        return proto.PluginInfo(version=SDK_VERSION)

    def GetAnalyzerInfo(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """The rules with their levels here, and their parameters."""
        return proto.AnalyzerInfo(
            name=NAME,
            displayName="AWS security",
            description="AWS resources, judged by meaning",
            version=VERSION,
            supportsConfig=True,
            policies=[self._policy(rule) for rule in self._pack.rules],
        )

    def _policy(self, rule: Rule) -> Any:
        values = self._pack.configuration.settings(rule)
        info = proto.PolicyInfo(
            name=rule.name,
            displayName=rule.title,
            description=rule.title,
            enforcementLevel=_LEVELS[self._pack.configuration.level(rule)],
            policy_type=proto.POLICY_TYPE_RESOURCE if rule.scope == "resource" else proto.POLICY_TYPE_STACK,
            severity=_SEVERITIES[rule.severity],
            tags=list(rule.controls),
            remediation_steps=rule.fix,
            url=rule.link,
        )
        for name in rule.parameters:
            info.configSchema.properties[name] = _schema(name, values[name])
        return info

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Takes the levels and parameters that the engine made of the pack's and of the user's."""
        levels = {number: level for level, number in _LEVELS.items()}
        rules = {
            name: {
                "level": levels.get(policy.enforcementLevel, Level.MANDATORY),
                **normalise(json_format.MessageToDict(policy.properties))[0],
            }
            for name, policy in request.policyConfig.items()
        }
        self._configuration = Configuration((Part(rules=rules), *self._pack.configuration.parts))
        self._arrange()
        return empty_pb2.Empty()

    def ConfigureStack(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Hears whether the operation is a preview."""
        self._preview = request.dry_run
        return proto.AnalyzerStackConfigureResponse()

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Has nothing to end."""
        return empty_pb2.Empty()

    def Remediate(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Changes nothing: a rule judges."""
        return proto.RemediateResponse()

    # What the rules say ---------------------------------------------------------------------------------

    def Analyze(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Judges one resource before it is made."""
        resource = _resource(request, request.properties)
        self._declared[resource.urn] = resource
        rules = self._of_resource.get(resource.type, ())
        return proto.AnalyzeResponse(
            diagnostics=[
                self._diagnostic(finding)
                for finding in self._findings(rules, resource, None)
                if finding.leaves_open or finding.verdict is Verdict.VIOLATED
            ]
        )

    def AnalyzeStack(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Judges the whole stack, when all of it is known or made."""
        resources = [self._of_state(resource) for resource in request.resources]
        stack = Stack([*resources, *_stack_itself(resources)])
        findings = [
            finding
            for resource in stack.resources
            for finding in self._findings(self._of_stack.get(resource.type, ()), resource, stack)
            if finding.leaves_open or finding.verdict is Verdict.VIOLATED
        ]
        return proto.AnalyzeResponse(
            diagnostics=[*map(self._diagnostic, findings), *self._expired_exemptions()]
        )

    def _findings(self, rules: Iterable[Rule], resource: Resource, stack: Stack | None) -> Iterator[Finding]:
        pack = self._pack
        for rule in rules:
            judgement = judge(rule, resource, self._settings[rule.name], stack)
            finding = finding_of(judgement, self._configuration, pack.exemptions, pack.baseline, pack.today)
            if finding is not None:
                yield finding

    def _of_state(self, request: Any) -> Resource:
        """A resource with the inputs that it was declared with, and the outputs that it has now."""
        resource = _resource(request, request.properties)
        declared = self._declared.get(resource.urn)
        return resource if declared is None else resource.declared_as(declared)

    def _diagnostic(self, finding: Finding) -> Any:
        return _diagnostic(finding.rule, finding.urn, self._level(finding), message_of(finding))

    def _level(self, finding: Finding) -> Level:
        """What a finding does here.

        What a resource rule cannot decide in a preview it decides in the update, before the resource is made.
        What a stack rule cannot decide in a preview would come too late in an update, so that it blocks.
        """
        if finding.standing is not Standing.OPEN:
            return Level.ADVISORY
        if finding.verdict is Verdict.UNDECIDABLE and self._preview and finding.rule.scope == "resource":
            return Level.ADVISORY
        return finding.level

    def _expired_exemptions(self) -> Iterator[Any]:
        rules = {rule.name: rule for rule in self._pack.rules}
        for exemption in self._pack.exemptions:
            if not exemption.holds(self._pack.today):
                rule = rules[exemption.rule]
                expired = f"the exemption of {exemption.owner} expired on {exemption.expires}"
                yield _diagnostic(rule, "", Level.ADVISORY, f"{rule.title}\n{exemption.place}: {expired}")


def _diagnostic(rule: Rule, urn: str, level: Level, text: str) -> Any:
    return proto.AnalyzeDiagnostic(
        policyName=rule.name,
        policyPackName=NAME,
        policyPackVersion=VERSION,
        description=rule.title,
        message=text,
        enforcementLevel=_LEVELS[level],
        severity=_SEVERITIES[rule.severity],
        urn=urn,
    )


def _resource(request: Any, properties: struct_pb2.Struct) -> Resource:
    """A request's resource; the protocol calls alike what `Analyze` and `AnalyzeStack` are given."""
    values, secrets = normalise(_plain(properties))
    options = request.options
    in_stack = isinstance(request, proto.AnalyzerResource)
    return Resource(
        urn=request.urn,
        type_token=request.type,
        name=request.name,
        inputs=values,
        identifier=values.get("id", UNKNOWN),
        parent=request.parent if in_stack else options.parent,
        dependencies=tuple(request.dependencies) if in_stack else (),
        property_dependencies=(
            {name: tuple(found.urns) for name, found in request.propertyDependencies.items()}
            if in_stack
            else {}
        ),
        options=Options(
            protect=options.protect,
            ignore_changes=tuple(options.ignoreChanges),
            delete_before_replace=options.deleteBeforeReplace,
            additional_secret_outputs=tuple(options.additionalSecretOutputs),
            provider="" if request.provider.name.startswith("default") else request.provider.urn,
        ),
        secrets=secrets,
        account=_allowed_account(request.provider),
    )


def _allowed_account(provider: Any) -> str:
    """The one account that a provider may work in, by its `allowedAccountIds`; empty where it may in any."""
    allowed = View(normalise(_plain(provider.properties))[0]).raw("allowedAccountIds")
    found = re.findall("[0-9]{12}", str(allowed))
    return found[0] if len(found) == 1 else ""


def _stack_itself(resources: list[Resource]) -> Iterator[Resource]:
    """The stack, for the rules that judge it, where the engine does not name it."""
    if resources and not any(resource.type == STACK_TYPE for resource in resources):
        stack, project = resources[0].urn.split("::")[:2]
        name = f"{project}-{stack.rpartition(':')[2]}"
        yield Resource(
            urn=f"{stack}::{project}::{STACK_TYPE}::{name}", type_token=STACK_TYPE, inputs={}, identifier=""
        )


def _plain(struct: struct_pb2.Struct) -> dict[str, Any]:
    """A message's values. The library's own conversion raises where a number is no number."""
    return {key: _value(field) for key, field in struct.fields.items()}


def _value(field: struct_pb2.Value) -> Any:
    match field.WhichOneof("kind"):
        case "string_value":
            return field.string_value
        case "number_value":
            return field.number_value
        case "bool_value":
            return field.bool_value
        case "list_value":
            return [_value(item) for item in field.list_value.values]
        case "struct_value":
            return _plain(field.struct_value)
        case _:
            return None


def _schema(name: str, value: Any) -> struct_pb2.Struct:
    """A parameter's JSON schema, with the value that holds as long as the user gives none."""
    parameter = PARAMETERS[name]
    of_kind: Mapping[str, Any] = (
        {"type": "array", "items": {"type": "string"}}
        if parameter.kind == "list of strings"
        else {"type": parameter.kind}
    )
    schema = struct_pb2.Struct()
    schema.update({**of_kind, "description": parameter.description, "default": value})
    return schema
