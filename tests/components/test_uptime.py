"""The check from outside rings where Route 53 has its metrics."""

from components.alarms import AlarmRoute
from components.uptime import Uptime, UptimeArgs
from tests.components.watched import RUNBOOKS_URL, topics
from tests.harness import build, context


def test_an_unreachable_site_is_critical_in_the_global_region() -> None:
    route = AlarmRoute(topics=topics("us-east-1"), runbooks_url=RUNBOOKS_URL)
    args = UptimeArgs(domain="syncup.example.com", health_path="/api/health", route=route)
    graph = build(lambda: Uptime("uptime", context(), args), known=True)
    check = graph.one("aws:route53/healthCheck:HealthCheck")
    assert (check["type"], check["fqdn"], check["resourcePath"]) == (
        "HTTPS",
        "syncup.example.com",
        "/api/health",
    )
    alarm = graph.one("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert alarm["region"] == "us-east-1"
    assert alarm["alarmActions"] == [route.topics.critical]
    assert alarm["treatMissingData"] == "breaching"
    assert alarm["dimensions"]["HealthCheckId"]
