"""What the account does when nobody says otherwise: closed, encrypted, not public."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ebs, ec2, iam, s3, ssm

from components.base import Component
from components.context import Context
from components.encryption import Key

_SYSTEMS_MANAGER = {
    # FSBP SSM.7: documents are never shared with everybody.
    "documents-sharing": ("documents/console/public-sharing-permission", "Disable"),
    # FSBP SSM.6: what automation scripts print is kept.
    "automation-logs": ("automation/customer-script-log-destination", "CloudWatch"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountDefaultsArgs:
    """Where the defaults hold."""

    regions: Sequence[str]
    volume_keys: Mapping[str, Key]
    """By region, the key of volumes that name none. Elsewhere AWS' own key encrypts them."""


class AccountDefaults(Component):
    """Account-wide defaults, region by region, and the few that are the account's as a whole.

    Guarantees for whatever is made beside this program too: volumes are encrypted; snapshots, images,
    documents and buckets cannot be public; instances ask for metadata with a session token; no VPC but
    the environment's own reaches the internet; passwords of IAM users are long.
    """

    def __init__(
        self,
        name: str,
        context: Context,
        args: AccountDefaultsArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("syncup:audit:AccountDefaults", name, context, opts)
        for region in args.regions:
            self._close(region)
        for region, key in args.volume_keys.items():
            ebs.DefaultKmsKey(f"{name}-{region}-volumes", key_arn=key.arn, region=region, opts=self.child())
        s3.AccountPublicAccessBlock(
            f"{name}-buckets",
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.child(),
        )
        # CIS 1.8 and 1.9, FSBP IAM.7. People sign in by federation; this is for whoever does not.
        iam.AccountPasswordPolicy(
            f"{name}-passwords",
            minimum_password_length=14,
            password_reuse_prevention=24,
            max_password_age=90,
            require_lowercase_characters=True,
            require_uppercase_characters=True,
            require_numbers=True,
            require_symbols=True,
            allow_users_to_change_password=True,
            opts=self.child(),
        )
        self._support()
        self.register_outputs({})

    def _close(self, region: str) -> None:
        name = f"{self.pulumi_resource_name}-{region}"
        ebs.EncryptionByDefault(f"{name}-encryption", enabled=True, region=region, opts=self.child())
        ebs.SnapshotBlockPublicAccess(
            f"{name}-snapshots", state="block-all-sharing", region=region, opts=self.child()
        )
        ec2.ImageBlockPublicAccess(
            f"{name}-images", state="block-new-sharing", region=region, opts=self.child()
        )
        ec2.InstanceMetadataDefaults(
            f"{name}-metadata",
            http_endpoint="enabled",
            http_tokens="required",
            http_put_response_hop_limit=1,
            region=region,
            opts=self.child(),
        )
        # FSBP EC2.172. The environment's own VPC is excluded where it is made (components/network.py).
        ec2.VpcBlockPublicAccessOptions(
            f"{name}-internet",
            internet_gateway_block_mode="block-bidirectional",
            region=region,
            opts=self.child(),
        )
        for suffix, (setting, value) in _SYSTEMS_MANAGER.items():
            ssm.ServiceSetting(
                f"{name}-{suffix}",
                setting_id=self.context.arn("ssm", f"servicesetting/ssm/{setting}", region=region),
                setting_value=value,
                region=region,
                opts=self.child(),
            )

    def _support(self) -> None:
        """The role that opens cases with AWS Support (CIS 1.17), for the account's own principals."""
        name, context = self.pulumi_resource_name, self.context
        trust = {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": context.global_arn("iam", "root")},
        }
        role = iam.Role(
            f"{name}-support",
            name=context.name("support", limit=64),
            description="Opens and follows cases with AWS Support.",
            assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
            opts=self.child(),
        )
        iam.RolePolicyAttachment(
            f"{name}-support",
            role=role.name,
            policy_arn=f"arn:{context.partition}:iam::aws:policy/AWSSupportAccess",
            opts=self.child(),
        )
