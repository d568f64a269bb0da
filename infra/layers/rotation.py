"""The rotation layer: who renews which secret, and who is told when nobody does."""

from dataclasses import dataclass

from components import tool_secrets
from components.cache import Cache
from components.context import Context
from components.database import Database
from components.firewall import Firewall, Zone
from components.function import VpcPlacement
from components.network import Network
from components.rotation import ROTATORS, Rotation, RotationArgs
from components.secret_age import SecretAge, SecretAgeArgs
from components.secrets import Secrets
from infra import guide as guide_types
from infra.guide import Guide
from infra.layers.application import APPLICATION
from infra.layers.foundations import Foundations

ROTATION = "rotation"
"""The component's name, from which the names of its functions' roles follow."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RotationLayer:
    """What machines renew, and what people are reminded of."""

    rotation: Rotation
    secret_age: SecretAge


def rotation(
    context: Context,
    guide: Guide,
    *,
    foundations: Foundations,
    network: Network,
    firewall: Firewall,
    secrets: Secrets,
    database: Database,
    cache: Cache,
) -> RotationLayer:
    """The rotating functions, and the alarm for secrets that only people can renew."""
    keys, alarms = foundations.encryption, foundations.alarms
    every_days = guide.secrets.rotation.days
    rotated = RotationArgs(
        arns={rotator.group: secrets.arn(rotator.group) for rotator in ROTATORS},
        every_days=every_days,
        database_identifier=database.active_identifier,
        database_address=database.address,
        database_name=database.database_name,
        proxy_endpoint=database.proxy_endpoint,
        cache_user=cache.user_id,
        cache_endpoint=cache.primary_endpoint,
        application_group=context.name(APPLICATION),
        signing_secrets=_signing(guide),
        placement=VpcPlacement(
            subnet_ids=network.private_subnet_ids, security_group_ids=[firewall.group(Zone.FUNCTIONS)]
        ),
        key=keys.logs,
        secrets_key=keys.secrets,
        alarms=alarms,
    )
    aging = SecretAgeArgs(
        groups=[
            group.name
            for group in guide.secrets.groups
            if any(variable.rotation is guide_types.Rotation.PERSON for variable in group.variables)
        ]
        + list(tool_secrets.VARIABLES),
        limit_days=every_days,
        key=keys.logs,
        alarms=alarms,
    )
    return RotationLayer(
        rotation=Rotation(ROTATION, context, rotated), secret_age=SecretAge("secret-age", context, aging)
    )


def _signing(guide: Guide) -> list[str]:
    """What the application signs with: of its secrets for signing in, those that a machine renews."""
    return [
        variable.name
        for group in guide.secrets.groups
        if group.name == "authentication"
        for variable in group.variables
        if variable.rotation is guide_types.Rotation.AUTOMATIC
    ]
