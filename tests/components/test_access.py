"""How people get in: the guide's Access Control, held against the declared resources."""

import json
from functools import cache
from typing import Any

import pulumi

from components.access import Access, AccessArgs
from components.alarms import AlarmRoute, AlarmTopics
from components.encryption import Key
from operate import postgres, tunnel
from preview.graph import Graph
from tests.harness import build, context

INSTANCE = "aws:ec2/instance:Instance"
ENDPOINT = "aws:ec2clientvpn/endpoint:Endpoint"


@cache
def _graph() -> Graph:
    def program() -> None:
        logs = Key(arn=pulumi.Output.from_input("arn:logs"), alias="alias/syncup-test-logs")
        topics = AlarmTopics(critical="critical", high="high", medium="medium", low="low")
        args = AccessArgs(
            vpc_id="vpc-1",
            subnet_ids=["subnet-a", "subnet-b"],
            subnet_cidrs=["10.20.0.0/20", "10.20.16.0/20"],
            vpn_group_id="sg-vpn",
            bastion_group_id="sg-bastion",
            client_cidr="10.120.0.0/22",
            domain="vpn.syncup.example.com",
            hosted_zone_id="Z1",
            saml_metadata="<EntityDescriptor/>",
            session_hours=8,
            instance_type="t4g.nano",
            image_id="ami-0a1b2c3d4e5f60718",
            database_users=["engineer"],
            volume_key=Key(arn=pulumi.Output.from_input("arn:data"), alias="alias/syncup-test-data"),
            logs_key=logs,
            log_retention_days=365,
            alarms=AlarmRoute(topics=topics, runbooks_url="https://runbooks.example.com"),
        )
        Access("access", context(), args)

    return build(program)


def _statements(graph: Graph, type_token: str, name: str) -> list[dict[str, Any]]:
    statements: list[dict[str, Any]] = json.loads(graph.one(type_token, name)["policy"])["Statement"]
    return statements


def test_people_sign_in_to_the_vpn_at_the_identity_provider_and_no_other_way() -> None:
    (option,) = _graph().one(ENDPOINT)["authenticationOptions"]
    assert option["type"] == "federated-authentication"
    assert _graph().one("aws:iam/samlProvider:SamlProvider")["samlMetadataDocument"] == "<EntityDescriptor/>"


def test_a_vpn_connection_reaches_the_bastions_subnet_alone() -> None:
    graph = _graph()
    rule = graph.one("aws:ec2clientvpn/authorizationRule:AuthorizationRule")
    assert rule["targetNetworkCidr"] == "10.20.0.0/20"
    assert graph.one(INSTANCE)["subnetId"] == "subnet-a"
    assert graph.one(ENDPOINT)["securityGroupIds"] == ["sg-vpn"]


def test_the_vpn_is_reached_in_every_zone() -> None:
    associations = _graph().all("aws:ec2clientvpn/networkAssociation:NetworkAssociation")
    assert {association["subnetId"] for association in associations} == {"subnet-a", "subnet-b"}


def test_every_vpn_connection_is_logged_and_ends_with_the_working_day() -> None:
    endpoint = _graph().one(ENDPOINT)
    assert endpoint["connectionLogOptions"]["enabled"] is True
    assert endpoint["splitTunnel"] is True
    assert endpoint["sessionTimeoutHours"] == 8
    assert endpoint["disconnectOnSessionTimeout"] is True


def test_the_vpns_certificate_is_issued_before_the_endpoint_takes_it() -> None:
    graph = _graph()
    (urn,) = graph.one(ENDPOINT).property_dependencies["serverCertificateArn"]
    issued = graph.by_urn[urn]
    assert issued.type == "aws:acm/certificateValidation:CertificateValidation"
    assert graph.one("aws:route53/record:Record").urn in issued.dependencies


def test_the_bastion_has_no_public_address_and_no_lasting_key() -> None:
    bastion = _graph().one(INSTANCE)
    assert bastion["associatePublicIpAddress"] is False
    assert "keyName" not in bastion.inputs
    assert bastion["vpcSecurityGroupIds"] == ["sg-bastion"]


def test_the_bastion_gives_its_credentials_to_nobody_who_only_makes_it_ask() -> None:
    metadata = _graph().one(INSTANCE)["metadataOptions"]
    assert metadata["httpTokens"] == "required"
    assert metadata["httpPutResponseHopLimit"] == 1


def test_the_bastions_volume_is_encrypted_with_the_environments_key() -> None:
    volume = _graph().one(INSTANCE)["rootBlockDevice"]
    assert volume["encrypted"] is True
    assert volume["kmsKeyId"] == "arn:data"


def test_the_bastion_logs_in_to_the_database_as_the_stated_users_alone() -> None:
    statements = _statements(_graph(), "aws:iam/rolePolicy:RolePolicy", "access-bastion-permissions")
    (connect,) = [s for s in statements if s["Action"] == ["rds-db:connect"]]
    assert connect["Resource"] == ["arn:aws:rds-db:us-west-2:111122223333:dbuser:*/engineer"]


def test_the_bastion_reads_no_secret_and_no_parameter() -> None:
    statements = _statements(_graph(), "aws:iam/rolePolicy:RolePolicy", "access-bastion-permissions")
    actions = {action for statement in statements for action in statement["Action"]}
    assert not [a for a in actions if a.startswith(("secretsmanager:", "ssm:GetParameter"))]


def test_people_put_a_key_on_the_bastion_and_on_no_other_instance() -> None:
    push = _statements(_graph(), "aws:iam/policy:Policy", "access-bastion-login")[0]
    assert push["Action"] == ["ec2-instance-connect:SendSSHPublicKey"]
    purpose = _graph().one(INSTANCE)["tags"]["Purpose"]
    assert push["Condition"]["StringEquals"] == {
        "ec2:osuser": "ec2-user",
        "aws:ResourceTag/Purpose": purpose,
    }


def test_people_reach_the_database_through_the_bastion_and_get_no_shell() -> None:
    start, document, _, connect = _statements(_graph(), "aws:iam/policy:Policy", "access-bastion-login")[2:]
    assert start["Condition"] == {
        "StringEquals": {"ssm:resourceTag/Purpose": _graph().one(INSTANCE)["tags"]["Purpose"]},
        "BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"},
    }
    assert document["Resource"] == [f"arn:aws:ssm:us-west-2::document/{tunnel.DOCUMENT}"]
    assert connect["Action"] == ["rds-db:connect"]
    assert connect["Resource"] == [f"arn:aws:rds-db:us-west-2:111122223333:dbuser:*/{postgres.USER}"]


def test_every_session_is_encrypted_and_its_text_kept() -> None:
    graph = _graph()
    document = graph.one("aws:ssm/document:Document")
    assert document["name"] == "SSM-SessionManagerRunShell"
    inputs = json.loads(document["content"])["inputs"]
    assert inputs["kmsKeyId"] == "arn:logs"
    assert inputs["cloudWatchEncryptionEnabled"] is True
    assert inputs["idleSessionTimeout"] == "20"
    group = graph.one("aws:cloudwatch/logGroup:LogGroup", "access-sessions-sessions")
    assert group["name"] == inputs["cloudWatchLogGroupName"] == "/syncup/test/sessions"
    assert group["kmsKeyId"] == "arn:logs"
    assert group["retentionInDays"] == 365


def test_the_bastion_may_write_the_text_of_its_sessions() -> None:
    statements = _statements(_graph(), "aws:iam/rolePolicy:RolePolicy", "access-bastion-permissions")
    (keep,) = [s for s in statements if s.get("Sid") == "KeepSessions"]
    assert keep["Resource"] == ["arn:aws:logs:us-west-2:111122223333:log-group:/syncup/test/sessions:*"]


def test_a_session_is_opened_on_this_environments_instances_and_told() -> None:
    graph = _graph()
    start = _statements(graph, "aws:iam/policy:Policy", "access-sessions-break-glass")[0]
    assert start["Condition"] == {"StringEquals": {"ssm:resourceTag/Environment": "test"}}
    rule = graph.one("aws:cloudwatch/eventRule:EventRule", "access-sessions-started")
    assert json.loads(rule["eventPattern"])["detail"]["eventName"] == ["StartSession"]
    target = graph.one("aws:cloudwatch/eventTarget:EventTarget", "access-sessions-started")
    assert target["arn"] == "medium"


def test_somebody_hears_when_the_bastion_is_down() -> None:
    alarm = _graph().one("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert alarm["treatMissingData"] == "breaching"
    assert "https://runbooks.example.com/bastion-unreachable.md" in alarm["alarmDescription"]


def test_every_policy_is_complete_before_anything_exists() -> None:
    for resource in _graph().resources:
        for key in ("policy", "assumeRolePolicy"):
            assert isinstance(resource.inputs.get(key, ""), str), resource.urn
