"""The edge layer: the domain, and what it leads to."""

from components.application import Application
from components.cdn import Cdn, CdnArgs
from components.context import Context
from infra.layers.foundations import Foundations
from infra.settings import Settings


def cdn(context: Context, settings: Settings, *, foundations: Foundations, application: Application) -> Cdn:
    """CloudFront before the load balancer, and before Vercel where it serves the pages."""
    edge, keys = settings.edge, foundations.encryption
    args = CdnArgs(
        domain=edge.domain,
        hosted_zone_id=edge.hosted_zone_id,
        load_balancer_arn=application.load_balancer_arn,
        origin_domain=application.domain,
        vercel_domain=edge.vercel_domain,
        requests_per_5_minutes=edge.requests_per_5_minutes,
        content_key=keys.data,
        logs_key=keys.logs,
        global_logs_key=keys.global_logs,
        access_logs=foundations.access_logs.home,
        log_retention_days=settings.logs.retention_days,
        alarms=foundations.global_alarms,
    )
    return Cdn("cdn", context, args)
