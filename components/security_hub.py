"""Security Hub: the account held against two published standards, all findings in one place."""

from collections.abc import Sequence

import pulumi
from pulumi_aws import securityhub

from components.base import Component
from components.context import Context

_STANDARDS = {
    "best-practices": "standards/aws-foundational-security-best-practices/v/1.0.0",
    "cis": "standards/cis-aws-foundations-benchmark/v/3.0.0",
}


class SecurityHub(Component):
    """Security Hub with AWS' best practices and CIS 3.0 in each region, gathered at home."""

    def __init__(
        self,
        name: str,
        context: Context,
        *,
        regions: Sequence[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("syncup:audit:SecurityHub", name, context, opts)
        hubs = {region: self._hub(region) for region in regions}
        securityhub.FindingAggregator(
            f"{name}-all-regions",
            linking_mode="SPECIFIED_REGIONS",
            specified_regions=[region for region in regions if region != context.region],
            opts=self.child(depends_on=list(hubs.values())),
        )
        self.register_outputs({})

    def _hub(self, region: str) -> securityhub.Account:
        name = f"{self.pulumi_resource_name}-{region}"
        hub = securityhub.Account(
            name,
            auto_enable_controls=True,
            # The defaults are an older CIS; the standards are chosen below.
            enable_default_standards=False,
            # One finding a control, however many standards ask for it.
            control_finding_generator="SECURITY_CONTROL",
            region=region,
            opts=self.child(),
        )
        for standard, resource in _STANDARDS.items():
            securityhub.StandardsSubscription(
                f"{name}-{standard}",
                standards_arn=f"arn:{self.context.partition}:securityhub:{region}::{resource}",
                region=region,
                opts=self.child(depends_on=[hub]),
            )
        return hub
