"""Who may talk to whom: the guide's Access Control, held against the declared rules."""

from components import ports
from components.firewall import FLOWS, Firewall, FirewallArgs, Outside, Zone
from preview.graph import Graph, Resource
from tests.harness import build, context

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"


def _graph() -> Graph:
    args = FirewallArgs(vpc_id="vpc-1", s3_prefix_list_id="pl-s3", cloudfront_prefix_list_id="pl-edge")
    return build(lambda: Firewall("firewall", context(), args), known=True)


def _into(graph: Graph, zone: Zone) -> list[Resource]:
    group = graph.one("aws:ec2/securityGroup:SecurityGroup", f"firewall-{zone}").outputs
    owner = {r.urn for r in graph.all("aws:ec2/securityGroup:SecurityGroup") if r.outputs == group}
    return [
        rule
        for rule in graph.all(INGRESS)
        if set(rule.property_dependencies.get("securityGroupId", ())) & owner
    ]


def test_ssh_reaches_the_bastion_from_the_vpn_and_nothing_else_at_all() -> None:
    ssh = [rule for rule in _graph().all(INGRESS) if rule["fromPort"] <= ports.SSH <= rule["toPort"]]
    (rule,) = ssh
    assert rule.name == "firewall-vpn-to-bastion-22-in"
    assert any("firewall-vpn" in urn for urn in rule.property_dependencies["referencedSecurityGroupId"])


def test_the_database_admits_the_proxy_the_bastion_the_functions_and_the_dump_job() -> None:
    admitted = {flow.source for flow in FLOWS if flow.target is Zone.DATABASE}
    assert admitted == {Zone.PROXY, Zone.BASTION, Zone.FUNCTIONS, Zone.JOBS}
    assert {rule["fromPort"] for rule in _into(_graph(), Zone.DATABASE)} == {ports.POSTGRESQL}


def test_the_application_reaches_the_database_through_the_proxy_only() -> None:
    targets = {flow.target for flow in FLOWS if flow.source is Zone.APPLICATION}
    assert Zone.PROXY in targets
    assert Zone.DATABASE not in targets


def test_nothing_is_open_to_the_internet() -> None:
    assert all("cidrIpv4" not in rule.inputs for rule in _graph().all(INGRESS))


def test_the_load_balancer_admits_cloudfront_alone() -> None:
    (rule,) = _into(_graph(), Zone.LOAD_BALANCER)
    assert rule["prefixListId"] == "pl-edge"


def test_only_the_application_reaches_the_internet_and_only_by_https() -> None:
    open_rules = [rule for rule in _graph().all(EGRESS) if "cidrIpv4" in rule.inputs]
    assert [rule.name for rule in open_rules] == ["firewall-application-to-internet-443-out"]
    assert open_rules[0]["toPort"] == ports.HTTPS


def test_every_flow_between_zones_has_a_rule_at_either_end() -> None:
    graph = _graph()
    ends = {rule.name for rule in graph.resources}
    for flow in FLOWS:
        assert (f"firewall-{flow.name}-out" in ends) == isinstance(flow.source, Zone)
        assert (f"firewall-{flow.name}-in" in ends) == isinstance(flow.target, Zone)


def test_a_rule_names_exactly_one_other_end() -> None:
    graph = _graph()
    for rule in [*graph.all(INGRESS), *graph.all(EGRESS)]:
        ends = {"referencedSecurityGroupId", "prefixListId", "cidrIpv4"} & set(rule.inputs)
        assert len(ends) == 1, rule.name


def test_no_flow_begins_on_the_internet() -> None:
    assert all(flow.source is not Outside.INTERNET for flow in FLOWS)
