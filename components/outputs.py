"""What the `syncup` command has to know of an environment: one parameter each."""

from collections.abc import Mapping

import pulumi
from pulumi_aws import ssm

from components.base import Component
from components.context import Context


class Outputs(Component):
    """The stack's outputs as `/<project>/<environment>/outputs/<name>` in Parameter Store.

    A command reads them with AWS credentials alone, without Pulumi and without its state.
    """

    def __init__(
        self,
        name: str,
        context: Context,
        outputs: Mapping[str, pulumi.Input[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("syncup:operations:Outputs", name, context, opts)
        for key, value in outputs.items():
            ssm.Parameter(
                f"{name}-{key}",
                name=context.parameter_name(f"outputs/{key}"),
                type="String",
                # `value` would be a secret to Pulumi, and these are for everybody to see.
                insecure_value=value,
                opts=self.child(),
            )
        self.register_outputs({})
