"""What every component knows about the environment it is built in.

Components know nothing of stacks or YAML: `infra` reads the configuration and hands this over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.naming import physical_name


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """One environment: where it lives, what its things are called, what is protected.

    Guarantees that a name or an ARN made here is known before anything exists, so that every
    policy document that uses one is complete in a first preview.
    """

    project: str
    """The project's name, the first part of every physical name: `syncup`."""
    environment: str
    """The environment's name, the second part: `production`."""
    account_id: str
    """The twelve digits of the AWS account."""
    region: str
    """Where everything lives that does not say otherwise."""
    recovery_region: str
    """Where backups and secrets are copied to."""
    global_region: str = "us-east-1"
    """Where CloudFront wants its certificate, web ACL, logs and alarms.
    https://docs.aws.amazon.com/waf/latest/developerguide/cloudfront-features.html"""
    partition: str = "aws"
    protect: bool = True
    """Whether what holds data is protected from deletion (facts/holding_data.py)."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    """Tags that every resource carries beside its own `Name`."""
    not_managed: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """By type token, the properties (paths as on the wire) that somebody else changes after creation."""

    def name(self, *parts: str, limit: int = 63) -> str:
        """A physical name, `project-environment-part-part`, of at most `limit` characters.

        Raises:
            ValueError: the name does not fit; the message gives the name and the limit.
        """
        return physical_name(self.project, self.environment, *parts, limit=limit)

    def bucket_name(self, part: str, region: str | None = None) -> str:
        """The name of an S3 bucket: unique in the world by account and region.

        A stack's name has up to twelve characters and a region's fourteen, which leaves fifteen for `part`.
        """
        return self.name(part, self.account_id, region or self.region, limit=63)

    def secret_name(self, part: str) -> str:
        """The name of a secret in Secrets Manager: `project/environment/part`."""
        return f"{self.project}/{self.environment}/{part}"

    def parameter_name(self, part: str) -> str:
        """The name of a parameter in Parameter Store: `/project/environment/part`."""
        return f"/{self.project}/{self.environment}/{part}"

    @property
    def permissions_boundary(self) -> str:
        """The policy that bounds every role of the environment. `bootstrap/template.yaml` makes it."""
        return self.global_arn("iam", f"policy/{self.project}-bootstrap-{self.environment}-boundary")

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """The ARN of a regional resource of this account, in `region` (default: the environment's)."""
        return f"arn:{self.partition}:{service}:{region or self.region}:{self.account_id}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """The ARN of a resource that has an account but no region: IAM, CloudFront, Global tables."""
        return f"arn:{self.partition}:{service}::{self.account_id}:{resource}"

    def bucket_arn(self, bucket: str) -> str:
        """The ARN of a bucket, which carries neither region nor account."""
        return f"arn:{self.partition}:s3:::{bucket}"
