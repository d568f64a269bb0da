"""The base of every component: parent, tags, protection, ownership and boundaries, decided once.

A child that is given `opts=self.child()` gets its parent from there. Everything else reaches it
through a transformation that the component passes down, so a forgotten tag or a forgotten
protection cannot happen.
"""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.context import Context
from facts.holding_data import holds_data

# Auto Scaling groups take a list of tags that say whether instances inherit them.
_OWN_TAG_FORM = frozenset({"aws:autoscaling/group:Group"})
_ROLE = "aws:iam/role:Role"


class Component(pulumi.ComponentResource):
    """A component resource whose children carry the environment's tags and protection.

    Guarantees for every descendant: the tags of the context and a `Name` (where the type takes
    tags), `protect` where the type holds data and the context protects, `ignore_changes` for the
    properties that the context says are somebody else's, and for a role the permissions boundary
    without which the role that deploys may not make it.
    """

    def __init__(
        self,
        token: str,
        name: str,
        context: Context,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the component.

        Args:
            token: the component's type, `syncup:<layer>:<Class>`.
            name: the logical name; children are named `<name>-<suffix>`.
            context: the environment.
            opts: as for any resource.
        """
        inside_another = opts is not None and isinstance(opts.parent, Component)
        if not inside_another:
            # Transformations reach all descendants, so the outermost component's is enough.
            decorated = pulumi.ResourceOptions(transformations=[_decorator(context)])
            opts = pulumi.ResourceOptions.merge(opts, decorated)
        super().__init__(token, name, None, opts)
        self.context = context

    def child(self, **options: Any) -> pulumi.ResourceOptions:
        """Options for a child of this component: its parent, and whatever else is given."""
        return pulumi.ResourceOptions(parent=self, **options)


def _decorator(context: Context) -> pulumi.ResourceTransformation:
    """The transformation that gives a resource what its environment prescribes."""

    def decorate(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        props = _bounded(args.type_, _tagged(args, context), context)
        options = pulumi.ResourceOptions.merge(
            args.opts,
            pulumi.ResourceOptions(
                protect=True if context.protect and _is_original(args) else None,
                ignore_changes=list(context.not_managed.get(args.type_, ())) or None,
            ),
        )
        return pulumi.ResourceTransformationResult(props, options)

    return decorate


def _is_original(args: pulumi.ResourceTransformationArgs) -> bool:
    """Whether the resource holds data. One that merely copies another's says `protect=False` itself."""
    return holds_data(args.type_) and args.opts.protect is not False


def _tagged(args: pulumi.ResourceTransformationArgs, context: Context) -> Mapping[str, Any]:
    """The resource's properties with the environment's tags under its own."""
    props: Mapping[str, Any] = args.props
    if not args.type_.startswith("aws:") or "tags" not in props or args.type_ in _OWN_TAG_FORM:
        return props
    own: Mapping[str, Any] = props["tags"] or {}
    name = f"{context.project}-{context.environment}-{args.name}"
    return {**props, "tags": {"Name": name, **context.tags, **own}}


def _bounded(token: str, props: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """A role's properties with its boundary; all others' as they are."""
    return {**props, "permissions_boundary": context.permissions_boundary} if token == _ROLE else props
