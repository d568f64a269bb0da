"""Route 53: zones, health checks and domains."""

from typing import Final

from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource, any_holds

_ZONE: Final = "aws:route53/zone:Zone"
_QUERY_LOG: Final = "aws:route53/queryLog:QueryLog"
_ASSOCIATION: Final = "aws:route53/zoneAssociation:ZoneAssociation"
_CHECK: Final = "aws:route53/healthCheck:HealthCheck"
_DOMAINS: Final = (
    "aws:route53domains/registeredDomain:RegisteredDomain",
    "aws:route53domains/domain:Domain",
)

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/route53-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide"


@rule(
    name="route53-zone-logs-queries",
    title="Public zones log queries",
    severity=Severity.MEDIUM,
    controls=("Route53.2",),
    types=(_ZONE,),
    why="Without the log, nobody sees which names are asked for, nor that somebody looks for forgotten ones.",
    fix="""
        aws.route53.QueryLog("queries", zone_id=zone.zone_id, cloudwatch_log_group_arn=log_group.arn)
    """,
    link=f"{_FSBP}#route53-2",
)
def zone_logs_queries(zone: Resource, stack: Stack) -> Problems:
    """A zone that belongs to a VPC is private; the resolver logs its queries."""
    if zone.is_present("vpcs"):
        return OUT_OF_SCOPE
    if any_holds(lambda _association: True, stack.beside(zone, _ASSOCIATION, by="zoneId")):
        return OUT_OF_SCOPE
    if any_holds(lambda _log: True, stack.beside(zone, _QUERY_LOG, by="zoneId")):
        return None
    return "it has no QueryLog"


@rule(
    name="route53-health-check-https",
    title="Health checks ask over HTTPS",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_CHECK,),
    why="A check over plain HTTP is content while users, who come over HTTPS, see an error.",
    fix="""
        aws.route53.HealthCheck("check", type="HTTPS", port=443, fqdn="www.example.com", enable_sni=True)
    """,
    link=f"{_GUIDE}/health-checks-creating-values.html",
)
def health_check_https(check: Resource) -> Problems:
    """A check always states its type. Those of TCP, alarms and other checks ask for no page."""
    plain = check.text("type").upper() in ("HTTP", "HTTP_STR_MATCH")
    return "type is plain HTTP" if plain else None


@rule(
    name="route53-health-check-enabled",
    title="Health checks are on",
    severity=Severity.LOW,
    level=Level.MANDATORY,
    types=(_CHECK,),
    why="A check that is off always says that all is well.",
    fix="""
        aws.route53.HealthCheck("check", type="HTTPS", port=443, fqdn="www.example.com", disabled=False)
    """,
    link=f"{_GUIDE}/health-checks-creating-values.html",
)
def health_check_enabled(check: Resource) -> Problems:
    """It is on by default."""
    return "disabled is on" if check.flag("disabled", default=False) else None


@rule(
    name="route53-domain-locked",
    title="Domains are locked against transfer",
    severity=Severity.MEDIUM,
    types=_DOMAINS,
    why="Who gets at the account for an hour can move the domain to another registrar, for good.",
    fix="""
        aws.route53domains.RegisteredDomain("domain", domain_name="example.com", transfer_lock=True)
    """,
    link=f"{_GUIDE}/domain-lock.html",
)
def domain_locked(domain: Resource) -> Problems:
    """It is locked by default."""
    return None if domain.flag("transferLock", default=True) else "transfer_lock is off"


@rule(
    name="route53-domain-renews",
    title="Domains are renewed by themselves",
    severity=Severity.MEDIUM,
    types=_DOMAINS,
    why="A domain that runs out is bought by somebody else, with all that it is trusted for.",
    fix="""
        aws.route53domains.RegisteredDomain("domain", domain_name="example.com", auto_renew=True)
    """,
    link=f"{_GUIDE}/domain-enable-disable-auto-renewal.html",
)
def domain_renews(domain: Resource) -> Problems:
    """It is by default."""
    return None if domain.flag("autoRenew", default=True) else "auto_renew is off"
