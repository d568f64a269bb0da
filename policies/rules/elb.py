"""Load balancers: application, network and gateway ones with their listeners, and classic ones."""

import re
from typing import Final

from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource, View, any_holds, each, every_holds, one_holds

_BALANCERS: Final = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
_LISTENERS: Final = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
_RULES: Final = ("aws:lb/listenerRule:ListenerRule", "aws:alb/listenerRule:ListenerRule")
_CLASSIC: Final = "aws:elb/loadBalancer:LoadBalancer"
_WEB_ACLS: Final = (
    "aws:wafv2/webAclAssociation:WebAclAssociation",
    "aws:wafregional/webAclAssociation:WebAclAssociation",
)

_RECOMMENDED: Final = re.compile(r"ELBSecurityPolicy-TLS13-1-[23]-(Res-)?(FIPS-)?(PQ-)?\d{4}-\d{2}")
"""Policies of TLS 1.2 and 1.3 without old ciphers:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application"


def _is_application(balancer: Resource) -> bool:
    return balancer.text("loadBalancerType", default="application") == "application"


# Listeners ---------------------------------------------------------------------------------------------


def _protocol(listener: Resource) -> str:
    """A listener's protocol. HTTP is the default; one of a gateway has neither protocol nor port."""
    return listener.text("protocol", default="HTTP" if listener.is_present("port") else "").upper()


def _redirects(view: View, actions: str) -> bool:
    """Whether the actions send to HTTPS. A redirect keeps the protocol by default."""
    return any_holds(
        lambda action: action.text("redirect.protocol").upper() == "HTTPS", view.objects(actions)
    )


@rule(
    name="elb-listener-redirects-to-https",
    title="Listeners for plain HTTP send everything to HTTPS",
    severity=Severity.MEDIUM,
    controls=("ELB.1",),
    types=_LISTENERS,
    why="What is asked and answered over plain HTTP, sessions included, can be read and changed on the way.",
    fix="""
        aws.lb.Listener(
            "http",
            load_balancer_arn=balancer.arn,
            port=80,
            protocol="HTTP",
            default_actions=[{
                "type": "redirect",
                "redirect": {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"},
            }],
        )
    """,
    link=f"{_FSBP}#elb-1",
)
def listener_redirects_to_https(listener: Resource) -> Problems:
    """The default protocol is HTTP."""
    if _protocol(listener) != "HTTP":
        return OUT_OF_SCOPE
    return None if _redirects(listener, "defaultActions") else "its default_actions do not redirect to HTTPS"


@rule(
    name="elb-listener-rule-redirects-to-https",
    title="Rules of listeners for plain HTTP send everything to HTTPS",
    severity=Severity.MEDIUM,
    controls=("ELB.1",),
    types=_RULES,
    why="A rule that forwards is an exception from the redirect: its paths work over plain HTTP.",
    fix="""
        aws.lb.ListenerRule(
            "docs",
            listener_arn=https.arn,
            conditions=[{"path_pattern": {"values": ["/docs/*"]}}],
            actions=[{"type": "forward", "target_group_arn": docs.arn}],
        )
    """,
    link=f"{_FSBP}#elb-1",
)
def listener_rule_redirects_to_https(listener_rule: Resource, stack: Stack) -> Problems:
    """A rule of a listener for HTTPS may do anything."""
    listeners = stack.behind(listener_rule, "listenerArn", _LISTENERS)
    if any_holds(lambda listener: _protocol(listener) == "HTTP", listeners):
        return None if _redirects(listener_rule, "actions") else "its actions do not redirect to HTTPS"
    return OUT_OF_SCOPE


@rule(
    name="elb-listener-encrypted",
    title="Listeners of application and network load balancers speak HTTPS or TLS",
    severity=Severity.MEDIUM,
    controls=("ELB.18",),
    types=_LISTENERS,
    why="What passes a listener without TLS can be read and changed on the way.",
    fix="""
        aws.lb.Listener(
            "https",
            load_balancer_arn=balancer.arn,
            port=443,
            protocol="HTTPS",
            certificate_arn=certificate.arn,
            ssl_policy="ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
            default_actions=[{"type": "forward", "target_group_arn": targets.arn}],
        )
    """,
    link=f"{_FSBP}#elb-18",
)
def listener_encrypted(listener: Resource) -> Problems:
    """One for HTTP that redirects to HTTPS alone carries nothing. A gateway's listener has no protocol."""
    protocol = _protocol(listener)
    if not protocol or protocol == "GENEVE":
        return OUT_OF_SCOPE
    if protocol in ("HTTPS", "TLS", "QUIC"):
        return None
    if protocol == "HTTP" and _redirects(listener, "defaultActions"):
        return None
    return "protocol is neither HTTPS nor TLS"


@rule(
    name="elb-listener-tls-policy",
    title="Listeners accept TLS 1.2 and 1.3 alone, with ciphers that are still recommended",
    severity=Severity.MEDIUM,
    controls=("ELB.17",),
    types=_LISTENERS,
    why="Old versions and ciphers can be broken by whoever records or changes the traffic.",
    fix="""
        aws.lb.Listener(
            "https",
            load_balancer_arn=balancer.arn,
            port=443,
            protocol="HTTPS",
            certificate_arn=certificate.arn,
            ssl_policy="ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
            default_actions=[{"type": "forward", "target_group_arn": targets.arn}],
        )
    """,
    link=f"{_FSBP}#elb-17",
)
def listener_tls_policy(listener: Resource) -> Problems:
    """The provider's default is a policy of 2016, which accepts TLS 1.0."""
    if _protocol(listener) not in ("HTTPS", "TLS"):
        return OUT_OF_SCOPE
    recommended = _RECOMMENDED.fullmatch(listener.text("sslPolicy"))
    return None if recommended else "ssl_policy is none of those recommended for TLS 1.2 and 1.3"


# Application, network and gateway load balancers -------------------------------------------------------


@rule(
    name="elb-application-drops-invalid-headers",
    title="Application load balancers drop invalid headers",
    severity=Severity.MEDIUM,
    controls=("ELB.4",),
    types=_BALANCERS,
    why="Headers that the balancer and the application read differently smuggle requests past checks.",
    fix="""
        aws.lb.LoadBalancer("balancer", drop_invalid_header_fields=True)
    """,
    link=f"{_FSBP}#elb-4",
)
def application_drops_invalid_headers(balancer: Resource) -> Problems:
    """They are passed on by default."""
    if not _is_application(balancer):
        return OUT_OF_SCOPE
    on = balancer.flag("dropInvalidHeaderFields", default=False)
    return None if on else "drop_invalid_header_fields is not on"


@rule(
    name="elb-application-logs-requests",
    title="Application load balancers log requests",
    severity=Severity.MEDIUM,
    controls=("ELB.5",),
    types=_BALANCERS,
    why="Without the log, nobody can say afterwards who asked for what.",
    fix="""
        aws.lb.LoadBalancer("balancer", access_logs={"bucket": logs.bucket, "enabled": True})
    """,
    link=f"{_FSBP}#elb-5",
)
def application_logs_requests(balancer: Resource) -> Problems:
    """A bucket alone does not turn it on."""
    if not _is_application(balancer):
        return OUT_OF_SCOPE
    return None if balancer.flag("accessLogs.enabled", default=False) else "access_logs.enabled is not on"


@rule(
    name="elb-deletion-protection",
    title="Load balancers are protected from deletion",
    severity=Severity.MEDIUM,
    controls=("ELB.6",),
    types=_BALANCERS,
    why="One wrong click or call takes the whole application off the network.",
    fix="""
        aws.lb.LoadBalancer("balancer", enable_deletion_protection=True)
    """,
    link=f"{_FSBP}#elb-6",
)
def deletion_protection(balancer: Resource) -> Problems:
    """It is off by default."""
    on = balancer.flag("enableDeletionProtection", default=False)
    return None if on else "enable_deletion_protection is not on"


@rule(
    name="elb-protected-in-pulumi",
    title="Load balancers that AWS does not delete are protected in Pulumi too",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=_BALANCERS,
    why="Without it, a destroy begins, takes away what it can and stops in the middle at the load balancer.",
    fix="""
        aws.lb.LoadBalancer(
            "balancer", enable_deletion_protection=True, opts=pulumi.ResourceOptions(protect=True)
        )
    """,
    link="https://www.pulumi.com/docs/iac/concepts/options/protect/",
)
def protected_in_pulumi(balancer: Resource) -> Problems:
    """It is about those with AWS's own protection; `elb-deletion-protection` asks for that."""
    if not balancer.flag("enableDeletionProtection", default=False):
        return OUT_OF_SCOPE
    return None if balancer.options.protect else "the option protect is not on"


@rule(
    name="elb-application-desync-mitigation",
    title="Application load balancers refuse requests that two servers would read differently",
    severity=Severity.MEDIUM,
    controls=("ELB.12",),
    types=_BALANCERS,
    why="A request that is read in two ways takes over the next one's session, or poisons a cache.",
    fix="""
        aws.lb.LoadBalancer("balancer", desync_mitigation_mode="strictest")
    """,
    link=f"{_FSBP}#elb-12",
)
def application_desync_mitigation(balancer: Resource) -> Problems:
    """The defensive mode is the default."""
    if not _is_application(balancer):
        return OUT_OF_SCOPE
    mode = balancer.text("desyncMitigationMode", default="defensive")
    return None if mode in ("defensive", "strictest") else "desync_mitigation_mode only watches"


@rule(
    name="elb-several-zones",
    title="Load balancers are in several availability zones",
    severity=Severity.MEDIUM,
    controls=("ELB.13",),
    types=_BALANCERS,
    why="When its only zone fails, everything behind it cannot be reached.",
    fix="""
        aws.lb.LoadBalancer("balancer", subnets=[subnet_a.id, subnet_b.id])
    """,
    link=f"{_FSBP}#elb-13",
)
def several_zones(balancer: Resource) -> Problems:
    """AWS takes one subnet of a zone."""
    if one_holds(lambda: balancer.count("subnets") > 1, lambda: balancer.count("subnetMappings") > 1):
        return None
    return "it is in fewer than two subnets"


@rule(
    name="elb-application-behind-waf",
    title="Application load balancers on the internet are behind AWS WAF",
    severity=Severity.MEDIUM,
    controls=("ELB.16",),
    types=_BALANCERS,
    why="Without a web ACL, every known attack reaches the application.",
    fix="""
        aws.wafv2.WebAclAssociation("firewall", resource_arn=balancer.arn, web_acl_arn=web_acl.arn)
    """,
    link=f"{_FSBP}#elb-16",
)
def application_behind_waf(balancer: Resource, stack: Stack) -> Problems:
    """An internal one is no way in from the internet: what is before it, CloudFront perhaps, has the ACL."""
    if not _is_application(balancer) or balancer.flag("internal", default=False):
        return OUT_OF_SCOPE
    if any_holds(lambda _association: True, stack.beside(balancer, _WEB_ACLS, by="resourceArn")):
        return None
    return "it has no WebAclAssociation"


@rule(
    name="elb-application-waf-fails-closed",
    title="Application load balancers pass nothing on while AWS WAF does not answer",
    severity=Severity.MEDIUM,
    types=_BALANCERS,
    why="Who makes the firewall too slow gets past it.",
    fix="""
        aws.lb.LoadBalancer("balancer", enable_waf_fail_open=False)
    """,
    link=f"{_GUIDE}/load-balancer-integrations.html",
)
def application_waf_fails_closed(balancer: Resource) -> Problems:
    """It is closed by default."""
    return "enable_waf_fail_open is on" if balancer.flag("enableWafFailOpen", default=False) else None


@rule(
    name="elb-security-groups-named",
    title="Application and classic load balancers have security groups of their own",
    severity=Severity.MEDIUM,
    types=(*_BALANCERS, _CLASSIC),
    why="Without one, AWS takes the VPC's default group, which lets in whatever else is in it.",
    fix="""
        aws.lb.LoadBalancer("balancer", security_groups=[group.id])
    """,
    link=f"{_GUIDE}/load-balancer-update-security-groups.html",
)
def security_groups_named(balancer: Resource) -> Problems:
    """A network load balancer without one has none, and so has a classic one outside a VPC."""
    if balancer.type != _CLASSIC and not _is_application(balancer):
        return OUT_OF_SCOPE
    return None if balancer.is_present("securityGroups") else "it has no security_groups"


# Classic load balancers --------------------------------------------------------------------------------


@rule(
    name="elb-classic-certificate-managed",
    title="Classic load balancers use certificates of Certificate Manager",
    severity=Severity.MEDIUM,
    controls=("ELB.2",),
    types=(_CLASSIC,),
    why="A certificate that somebody uploads has to be renewed by somebody, and its key is elsewhere too.",
    fix="""
        aws.elb.LoadBalancer("balancer", listeners=[{
            "lb_port": 443, "lb_protocol": "https",
            "instance_port": 443, "instance_protocol": "https",
            "ssl_certificate_id": certificate.arn,
        }])
    """,
    link=f"{_FSBP}#elb-2",
)
def classic_certificate_managed(balancer: Resource) -> Problems:
    """A certificate of IAM's is an uploaded one."""
    yield from each(
        lambda listener: (
            f"{listener.where()}.ssl_certificate_id is none of Certificate Manager's"
            if every_holds(
                lambda: _is_encrypted(listener), lambda: ":acm:" not in listener.text("sslCertificateId")
            )
            else None
        ),
        balancer.objects("listeners"),
    )


def _is_encrypted(listener: View) -> bool:
    return listener.text("lbProtocol").lower() in ("https", "ssl")


@rule(
    name="elb-classic-listener-encrypted",
    title="Classic load balancers listen for HTTPS or TLS",
    severity=Severity.MEDIUM,
    controls=("ELB.3",),
    types=(_CLASSIC,),
    why="What passes a listener without TLS can be read and changed on the way.",
    fix="""
        aws.elb.LoadBalancer("balancer", listeners=[{
            "lb_port": 443, "lb_protocol": "https",
            "instance_port": 443, "instance_protocol": "https",
            "ssl_certificate_id": certificate.arn,
        }])
    """,
    link=f"{_FSBP}#elb-3",
)
def classic_listener_encrypted(balancer: Resource) -> Problems:
    """A listener always states its protocol."""
    yield from each(
        lambda listener: (
            None if _is_encrypted(listener) else f"{listener.where()}.lb_protocol is neither https nor ssl"
        ),
        balancer.objects("listeners"),
    )


@rule(
    name="elb-classic-logs-requests",
    title="Classic load balancers log requests",
    severity=Severity.MEDIUM,
    controls=("ELB.5",),
    types=(_CLASSIC,),
    why="Without the log, nobody can say afterwards who asked for what.",
    fix="""
        aws.elb.LoadBalancer("balancer", access_logs={"bucket": logs.bucket, "enabled": True})
    """,
    link=f"{_FSBP}#elb-5",
)
def classic_logs_requests(balancer: Resource) -> Problems:
    """With a bucket, it is on unless it is turned off."""
    if balancer.is_present("accessLogs") and balancer.flag("accessLogs.enabled", default=True):
        return None
    return "access_logs is not on"


@rule(
    name="elb-classic-connection-draining",
    title="Classic load balancers let requests end before an instance goes",
    severity=Severity.MEDIUM,
    controls=("ELB.7",),
    types=(_CLASSIC,),
    why="Without draining, each deployment cuts the requests that are under way.",
    fix="""
        aws.elb.LoadBalancer("balancer", connection_draining=True)
    """,
    link=f"{_FSBP}#elb-7",
)
def classic_connection_draining(balancer: Resource) -> Problems:
    """It is off by default."""
    return None if balancer.flag("connectionDraining", default=False) else "connection_draining is not on"


@rule(
    name="elb-classic-cross-zone",
    title="Classic load balancers use the instances of every zone alike",
    severity=Severity.MEDIUM,
    controls=("ELB.9",),
    types=(_CLASSIC,),
    why="Without it, a zone with few instances is overloaded, and one without any fails.",
    fix="""
        aws.elb.LoadBalancer("balancer", cross_zone_load_balancing=True)
    """,
    link=f"{_FSBP}#elb-9",
)
def classic_cross_zone(balancer: Resource) -> Problems:
    """The provider turns it on by default."""
    on = balancer.flag("crossZoneLoadBalancing", default=True)
    return None if on else "cross_zone_load_balancing is off"


@rule(
    name="elb-classic-several-zones",
    title="Classic load balancers are in several availability zones",
    severity=Severity.MEDIUM,
    controls=("ELB.10",),
    types=(_CLASSIC,),
    why="When its only zone fails, everything behind it cannot be reached.",
    fix="""
        aws.elb.LoadBalancer("balancer", subnets=[subnet_a.id, subnet_b.id])
    """,
    link=f"{_FSBP}#elb-10",
)
def classic_several_zones(balancer: Resource) -> Problems:
    """AWS takes one subnet of a zone."""
    if one_holds(lambda: balancer.count("subnets") > 1, lambda: balancer.count("availabilityZones") > 1):
        return None
    return "it is in fewer than two zones"


@rule(
    name="elb-classic-desync-mitigation",
    title="Classic load balancers refuse requests that two servers would read differently",
    severity=Severity.MEDIUM,
    controls=("ELB.14",),
    types=(_CLASSIC,),
    why="A request that is read in two ways takes over the next one's session, or poisons a cache.",
    fix="""
        aws.elb.LoadBalancer("balancer", desync_mitigation_mode="strictest")
    """,
    link=f"{_FSBP}#elb-14",
)
def classic_desync_mitigation(balancer: Resource) -> Problems:
    """The defensive mode is the default."""
    mode = balancer.text("desyncMitigationMode", default="defensive")
    return None if mode in ("defensive", "strictest") else "desync_mitigation_mode only watches"
