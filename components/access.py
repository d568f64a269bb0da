"""How people get in: VPN, then bastion; and Session Manager when that fails.

The guide's Access Control: SSH via VPN only, database access via the bastion host.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.alarms import AlarmRoute
from components.base import Component
from components.bastion import Bastion, BastionArgs
from components.context import Context
from components.encryption import Key
from components.session_manager import SessionManager, SessionManagerArgs
from components.vpn import Vpn, VpnArgs


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessArgs:
    """Where access leads, and who is let in."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    """The private subnets, one a zone. The bastion stands in the first."""
    subnet_cidrs: Sequence[str]
    """The ranges of the same subnets, in the same order."""
    vpn_group_id: pulumi.Input[str]
    bastion_group_id: pulumi.Input[str]
    client_cidr: str
    domain: str
    """The VPN's name: `vpn.syncup.example.com`."""
    hosted_zone_id: str
    saml_metadata: str
    session_hours: int
    instance_type: str
    image_id: str
    database_users: Sequence[str]
    volume_key: Key
    logs_key: Key
    """Encrypts the connection log and the sessions."""
    log_retention_days: int
    alarms: AlarmRoute


class Access(Component):
    """The VPN endpoint, the bastion and the session preferences.

    Guarantees that a VPN connection reaches the bastion's subnet and nothing else.
    """

    def __init__(
        self, name: str, context: Context, args: AccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:access:Access", name, context, opts)
        self.vpn = Vpn(
            f"{name}-vpn",
            context,
            VpnArgs(
                vpc_id=args.vpc_id,
                subnet_ids=args.subnet_ids,
                security_group_id=args.vpn_group_id,
                client_cidr=args.client_cidr,
                bastion_cidr=args.subnet_cidrs[0],
                domain=args.domain,
                hosted_zone_id=args.hosted_zone_id,
                saml_metadata=args.saml_metadata,
                session_hours=args.session_hours,
                key=args.logs_key,
                log_retention_days=args.log_retention_days,
            ),
            opts=self.child(),
        )
        sessions = SessionManager(
            f"{name}-sessions",
            context,
            SessionManagerArgs(
                key=args.logs_key, log_retention_days=args.log_retention_days, alarms=args.alarms
            ),
            opts=self.child(),
        )
        self.bastion = Bastion(
            f"{name}-bastion",
            context,
            BastionArgs(
                subnet_id=args.subnet_ids[0],
                security_group_id=args.bastion_group_id,
                instance_type=args.instance_type,
                image_id=args.image_id,
                volume_key=args.volume_key,
                session_key=args.logs_key,
                database_users=args.database_users,
                alarms=args.alarms,
            ),
            # Its agent would otherwise look for a log group that is not there yet.
            opts=self.child(depends_on=[sessions]),
        )
        self.register_outputs({"bastion_instance_id": self.bastion.instance_id})
