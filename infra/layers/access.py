"""The access layer: people's way in."""

from pathlib import Path

from components.access import Access, AccessArgs
from components.context import Context
from components.firewall import Firewall, Zone
from components.network import Network
from infra.layers.foundations import Foundations
from infra.settings import Settings

_PROJECT = Path(__file__).parents[2]
_DATABASE_USERS = ("engineer",)


def access(
    context: Context,
    settings: Settings,
    *,
    foundations: Foundations,
    network: Network,
    firewall: Firewall,
) -> Access:
    """The VPN endpoint, the bastion and the session preferences."""
    args = AccessArgs(
        vpc_id=network.vpc_id,
        subnet_ids=network.private_subnet_ids,
        subnet_cidrs=network.private_cidrs,
        vpn_group_id=firewall.group(Zone.VPN),
        bastion_group_id=firewall.group(Zone.BASTION),
        client_cidr=settings.access.client_cidr,
        domain=f"vpn.{settings.edge.domain}",
        hosted_zone_id=settings.edge.hosted_zone_id,
        saml_metadata=(_PROJECT / settings.access.saml_metadata).read_text(encoding="utf-8"),
        session_hours=settings.access.session_hours,
        instance_type=settings.access.bastion.instance_type,
        image_id=settings.access.bastion.image_id,
        database_users=_DATABASE_USERS,
        volume_key=foundations.encryption.data,
        logs_key=foundations.encryption.logs,
        log_retention_days=settings.logs.retention_days,
        alarms=foundations.alarms,
    )
    return Access("access", context, args)
