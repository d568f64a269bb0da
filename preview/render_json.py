"""A plan as JSON, for programs, as `plan.schema.json` describes it."""

import json
from collections.abc import Collection
from typing import Any, Final

from facts.holding_data import holds_own_data
from policies import render_json as policies
from preview.findings import Finding
from preview.graph import Resource
from preview.paths import written
from preview.plan import Plan, PropertyChange, secret_inputs, unknown_inputs
from preview.redact import secrets_of, without_credentials, without_secrets

FORMAT_VERSION: Final = 1
"""Grows when a key changes its meaning or goes away; new keys may come at any time."""


def render(plan: Plan) -> str:
    """The plan as one JSON document, the same for the same plan. Secrets are masked in it."""
    return json.dumps(document(plan), indent=2, ensure_ascii=False) + "\n"


def document(plan: Plan) -> dict[str, Any]:
    """The plan as plain values."""
    totals = plan.totals
    secrets = secrets_of(plan.graph)
    return {
        "version": FORMAT_VERSION,
        "project": plan.project,
        "stack": plan.stack,
        "source": plan.source.value,
        "against": plan.against,
        "fine": plan.fine,
        "totals": {
            "resources": totals.resources,
            "components": totals.components,
            "byOperation": {operation.value: count for operation, count in totals.by_operation.items()},
            "byProvider": dict(totals.by_provider),
            "byType": dict(totals.by_type),
            "byComponent": dict(totals.by_component),
        },
        "findings": [_finding(finding) for finding in plan.findings],
        "errors": list(plan.errors),
        "policies": policies.document(plan.policies, _sources(plan)) if plan.policies else None,
        "messages": [{"severity": m.severity, "text": m.text} for m in plan.graph.messages],
        "outputs": _plain(plan.graph.stack_outputs, secrets),
        "resources": [_resource(plan, resource, secrets) for resource in plan.graph.resources],
    }


def _resource(plan: Plan, resource: Resource, secrets: Collection[str]) -> dict[str, Any]:
    component = plan.graph.component_of(resource)
    change = plan.changes[resource.urn]
    options = resource.options
    return {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "source": resource.source,
        "parent": resource.parent,
        "component": component.urn if component else "",
        "custom": resource.custom,
        "operation": change.operation.value,
        "changed": list(change.changed),
        "forcedBy": list(change.forced_by),
        "likely": change.likely,
        "protected": change.protected,
        "unprotected": change.unprotected,
        "kept": change.kept,
        "failed": change.failed,
        "renamedFrom": change.renamed_from,
        "holdsData": holds_own_data(resource.type, resource.inputs),
        "properties": [_property(one, secrets) for one in change.properties],
        "inputs": _plain(resource.inputs, secrets),
        "unknownInputs": [written(path) for path in unknown_inputs(resource)],
        "secretInputs": [written(path) for path in secret_inputs(resource)],
        "dependencies": list(resource.dependencies),
        "propertyDependencies": {name: list(urns) for name, urns in resource.property_dependencies.items()},
        "options": {
            "protect": options.protect,
            "retainOnDelete": options.retain_on_delete,
            "deleteBeforeReplace": options.delete_before_replace,
            "deletedWith": options.deleted_with,
            "replaceOnChanges": list(options.replace_on_changes),
            "ignoreChanges": list(options.ignore_changes),
            "aliases": list(options.aliases),
            "additionalSecretOutputs": list(options.additional_secret_outputs),
            "provider": options.provider,
            "import": options.import_id,
        },
    }


def _plain(value: Any, secrets: Collection[str], name: str = "") -> Any:
    """A value as plain data, without secrets, nor credentials that nobody marked."""
    return without_credentials(without_secrets(value, secrets), name)


def _property(change: PropertyChange, secrets: Collection[str]) -> dict[str, Any]:
    name = next((step for step in reversed(change.path) if isinstance(step, str)), "")
    return {
        "path": written(change.path),
        "kind": change.kind.value,
        "old": _plain(change.old, secrets, name),
        "new": _plain(change.new, secrets, name),
        "forces": change.forces,
        "own": change.own,
        "standIn": change.stand_in,
        "secret": change.secret,
    }


def _sources(plan: Plan) -> dict[str, str]:
    return {resource.urn: resource.source for resource in plan.graph.resources if resource.source}


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "urn": finding.urn,
        "path": finding.path,
        "rule": finding.rule.value,
        "problem": finding.problem,
        "suggestion": finding.suggestion,
    }
