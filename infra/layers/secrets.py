"""The secrets layer: one secret for each group of the guide, and those that only machines use."""

from components.context import Context
from components.database_job import job_role_arn
from components.database_proxy import proxy_role_arn
from components.rotation import readers
from components.secrets import Secrets, SecretsArgs
from infra.guide import Guide
from infra.layers.backups import RESTORE
from infra.layers.foundations import Foundations
from infra.layers.rotation import ROTATION


def secrets(context: Context, guide: Guide, *, foundations: Foundations) -> Secrets:
    """The secrets, without a value."""
    args = SecretsArgs(
        groups=[group.name for group in guide.secrets.groups],
        readers=readers(
            ROTATION,
            context,
            proxy_role=proxy_role_arn(context),
            restore_role=job_role_arn(RESTORE, context),
        ),
        key=foundations.encryption.secrets,
        recovery_key=foundations.encryption.recovery_secrets,
    )
    return Secrets("secrets", context, args)
