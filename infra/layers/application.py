"""The application layer: which release runs where, and with which environment."""

import pulumi
from pulumi_aws import ssm

from components.application import Application, ApplicationArgs
from components.cache import Cache
from components.context import Context
from components.firewall import Firewall, Zone
from components.network import Network
from components.secrets import CACHE, Secrets
from infra.guide import Guide
from infra.layers.foundations import Foundations
from infra.settings import Settings

APPLICATION = "application"
"""The component's name, from which the name of its group follows."""


def application(
    context: Context,
    settings: Settings,
    guide: Guide,
    *,
    foundations: Foundations,
    network: Network,
    firewall: Firewall,
    secrets: Secrets,
    cache: Cache,
) -> Application:
    """The load balancer and the instances, on the release that `syncup deploy` has set."""
    release = ssm.get_parameter(name=context.parameter_name("release"))
    wanted, keys = settings.application, foundations.encryption
    args = ApplicationArgs(
        vpc_id=network.vpc_id,
        subnet_ids=network.private_subnet_ids,
        load_balancer_group_id=firewall.group(Zone.LOAD_BALANCER),
        security_group_id=firewall.group(Zone.APPLICATION),
        domain=f"origin.{settings.edge.domain}",
        hosted_zone_id=settings.edge.hosted_zone_id,
        instance_types=wanted.instance_types,
        image_id=wanted.image_id,
        min_size=wanted.min_size,
        max_size=wanted.max_size,
        root_volume_gib=wanted.root_volume_gib,
        release=release.insecure_value,
        environment=variables(settings, guide, cache),
        secrets=[secrets.name(group.name) for group in guide.secrets.groups],
        cache_secret=secrets.name(CACHE),
        datadog_site=settings.monitoring.datadog.site,
        volume_key=keys.data,
        secrets_key=keys.secrets,
        logs_key=keys.logs,
        access_logs=foundations.access_logs.home,
        log_retention_days=settings.logs.retention_days,
        alarms=foundations.alarms,
    )
    return Application(APPLICATION, context, args)


def variables(settings: Settings, guide: Guide, cache: Cache) -> dict[str, pulumi.Input[str]]:
    """The guide's Environment Variables that are no secrets, and where the cache is."""
    said = {
        variable.name: variable.value
        for group in guide.secrets.groups
        for variable in group.variables
        if variable.value is not None
    }
    return {
        **said,
        "NEXTAUTH_URL": f"https://{settings.edge.domain}",
        "CACHE_HOST": cache.primary_endpoint,
        "CACHE_PORT": str(cache.port),
    }
