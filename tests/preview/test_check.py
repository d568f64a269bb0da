"""The preview rejects what a provider would reject, and says where and what would be right."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi_aws import ec2, iam, kms, lambda_, rds, s3, sns, sqs, wafv2
from pulumi_random import RandomPassword

from preview.check import check, describe
from preview.findings import Finding, Rule
from preview.graph import Graph, Resource
from preview.sdk_types import ListOf, MapOf, OneOf, Scalar
from preview.values import UNKNOWN, ResourceReference, Secret
from tests.preview.programs import Group, declared

Options = pulumi.ResourceOptions
Declare = Callable[[Options], Any]
HERE = Path(__file__).parent
TOPIC = "arn:aws:sns:us-west-2:111122223333:orders"
EMPTY: dict[str, Any] = {}
ROLE = "arn:aws:iam::111122223333:role/worker"


def _found(declare: Declare, *, known: bool = False) -> list[Finding]:
    return check(declared(declare, known=known), HERE)


def _only(declare: Declare) -> Finding:
    (finding,) = _found(declare)
    return finding


def _resource(type_: str, inputs: Mapping[str, Any], **more: Any) -> list[Finding]:
    """What is wrong with one resource below a component."""
    parent = Resource(
        urn="urn:group", type="test:index:Group", name="group", parent="", custom=False, inputs={}
    )
    resource = Resource(
        urn="urn:it", type=type_, name="it", parent="urn:group", custom=True, inputs=inputs, **more
    )
    return check(Graph((parent, resource)), HERE)


def _table(opts: Options, **template: Any) -> ec2.LaunchTemplate:
    return ec2.LaunchTemplate("table", opts=opts, **template)


def test_what_is_right_is_not_complained_about() -> None:
    def declare(opts: Options) -> None:
        key = kms.Key("key", opts=opts)
        password = RandomPassword("password", length=20, opts=opts)
        rds.Instance(
            "db",
            instance_class="db.t4g.medium",
            allocated_storage=20,
            kms_key_id=key.arn,
            password=password.result,
            tags={"Key": key.key_id},
            vpc_security_group_ids=[key.id],
            restore_to_point_in_time=rds.InstanceRestoreToPointInTimeArgs(use_latest_restorable_time=True),
            opts=opts,
        )
        sns.TopicPolicy("policy", arn=key.arn, policy="{}", opts=opts)
        s3.BucketVersioning(
            "versioning",
            bucket="b",
            versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=opts,
        )

    assert _found(declare) == []
    assert _found(declare, known=True) == []


@pytest.mark.parametrize(
    ("template", "path", "suggestion"),
    [
        ({"user_daata": "x"}, "user_daata", "did you mean user_data?"),
        ({"monitoring": {"enabledd": True}}, "monitoring.enabledd", "did you mean enabled?"),
        (
            {"block_device_mappings": [{"ebs": {"volume_size": 1}}, {"ebs": {"volume_sizes": 1}}]},
            "block_device_mappings[1].ebs.volume_sizes",
            "did you mean volume_size?",
        ),
        (
            {"instance_market_options": {"spot_options": {"max_prices": "1"}}},
            "instance_market_options.spot_options.max_prices",
            "did you mean max_price?",
        ),
    ],
)
def test_a_typo_is_found_at_every_depth(template: dict[str, Any], path: str, suggestion: str) -> None:
    def declare(opts: Options) -> None:
        if "user_daata" in template:
            # The SDK's own constructors refuse a wrong name; other ways of declaring do not.
            pulumi.CustomResource("aws:ec2/launchTemplate:LaunchTemplate", "table", template, opts)
        else:
            _table(opts, **template)

    finding = _only(declare)
    assert (finding.rule, finding.path, finding.suggestion) == (Rule.UNKNOWN_PROPERTY, path, suggestion)
    assert finding.urn.endswith("::table")


def test_a_name_like_no_other_lists_what_there_is() -> None:
    (finding,) = _resource("aws:sns/topicPolicy:TopicPolicy", {"arn": TOPIC, "policy": "{}", "xyzzy": 1})
    assert finding.suggestion == "it has arn, policy, region"


def test_a_dictionary_that_the_sdk_cannot_translate_is_told_how_to_be_written() -> None:
    policy: Any = {"Version": "2012-10-17", "statement": []}
    first, second = _found(lambda opts: sns.TopicPolicy("policy", arn=TOPIC, policy=policy, opts=opts))
    assert (first.path, first.suggestion) == ("policy.statement", "write it Statement")
    assert second.rule is Rule.MISSING_PROPERTY


@pytest.mark.parametrize(
    ("token", "inputs", "paths"),
    [
        (
            "aws:cloudfront/vpcOrigin:VpcOrigin",
            {"vpcOriginEndpointConfig": {"arn": TOPIC, "name": "n", "httpPort": 80}},
            {"https_port", "origin_protocol_policy", "origin_ssl_protocols"},
        ),
        (
            "aws:ec2/launchTemplate:LaunchTemplate",
            {"licenseSpecifications": [EMPTY]},
            {"license_configuration_arn"},
        ),
        (
            "aws:s3/bucketVersioning:BucketVersioning",
            {"bucket": "b", "versioningConfiguration": EMPTY},
            {"status"},
        ),
    ],
)
def test_what_is_missing_is_found_at_every_depth(token: str, inputs: dict[str, Any], paths: set[str]) -> None:
    findings = _resource(token, inputs)
    assert {finding.rule for finding in findings} == {Rule.MISSING_PROPERTY}
    assert {finding.path.rpartition(".")[2] for finding in findings} == paths


def test_what_is_missing_at_the_top_is_found_without_the_sdks_constructor() -> None:
    findings = _resource("datadog:index/monitor:Monitor", {"name": "n", "type": "metric alert"})
    assert {finding.path for finding in findings} == {"message", "query"}
    assert all("it needs" in finding.problem for finding in findings)


@pytest.mark.parametrize(
    ("inputs", "path", "problem", "suggestion"),
    [
        ({"multiAz": 1}, "multi_az", "it is a whole number (1), but has to be true or false", ""),
        (
            {"allocatedStorage": "20"},
            "allocated_storage",
            'it is a string ("20"), but has to be a whole number',
            "write it without quotation marks",
        ),
        ({"allocatedStorage": True}, "allocated_storage", "but has to be a whole number", ""),
        ({"allocatedStorage": 2.5}, "allocated_storage", "it is a number (2.5)", ""),
        ({"port": [5432]}, "port", "it is a list", "give one value instead of a list"),
        ({"engine": 5}, "engine", "but has to be a string", "write it as text"),
        (
            {"vpcSecurityGroupIds": "sg-1"},
            "vpc_security_group_ids",
            "a list, each item a string",
            "put it into a list",
        ),
        ({"vpcSecurityGroupIds": ["a", None]}, "vpc_security_group_ids[1]", "it is nothing", ""),
        ({"tags": {"a b": 1}}, 'tags["a b"]', "but has to be a string", "write it as text"),
        ({"restoreToPointInTime": "now"}, "restore_to_point_in_time", "InstanceRestoreToPointInTimeArgs", ""),
        (
            {"restoreToPointInTime": {"useLatestRestorableTime": "true"}},
            "restore_to_point_in_time.use_latest_restorable_time",
            "but has to be true or false",
            "write it without quotation marks",
        ),
        (
            {"kmsKeyId": ResourceReference("urn:it")},
            "kms_key_id",
            "it is a whole resource",
            "such as its id or arn",
        ),
    ],
)
def test_a_wrong_type_is_found_at_every_depth(
    inputs: dict[str, Any], path: str, problem: str, suggestion: str
) -> None:
    (finding,) = _resource("aws:rds/instance:Instance", {"instanceClass": "db.t4g.micro", **inputs})
    assert (finding.rule, finding.path) == (Rule.WRONG_TYPE, path)
    assert problem in finding.problem
    assert suggestion in finding.suggestion


def test_a_whole_number_is_a_number_too() -> None:
    inputs = {"comparisonOperator": "LessThanThreshold", "evaluationPeriods": 1, "threshold": 5}
    assert _resource("aws:cloudwatch/metricAlarm:MetricAlarm", inputs) == []


def test_types_that_contain_themselves_are_followed() -> None:
    wrong: Any = {"metricName": "m", "cloudwatchMetricsEnabled": "yes", "sampledRequestsEnabled": True}
    statement: Any = {"notStatement": {"statement": {"andStatement": {"statements": [{"geoMatch": EMPTY}]}}}}
    rule = {"name": "r", "priority": 1, "statement": statement, "visibilityConfig": wrong}
    inputs = {
        "scope": "REGIONAL",
        "visibilityConfig": {**wrong, "cloudwatchMetricsEnabled": True},
        "rules": [rule],
    }
    findings = _resource("aws:wafv2/webAcl:WebAcl", {**inputs, "defaultAction": {"allow": {}}})
    assert {finding.path for finding in findings} == {
        "rules[0].visibility_config.cloudwatch_metrics_enabled",
        "rules[0].statement.not_statement.statement.and_statement.statements[0].geoMatch",
    }


def test_an_unknown_value_is_right_wherever_any_value_would_be() -> None:
    inputs = {
        "instanceClass": UNKNOWN,
        "allocatedStorage": UNKNOWN,
        "tags": UNKNOWN,
        "vpcSecurityGroupIds": [UNKNOWN],
        "restoreToPointInTime": Secret(UNKNOWN),
        "storageType": UNKNOWN,
    }
    assert _resource("aws:rds/instance:Instance", inputs) == []


def test_secrets_are_judged_and_never_shown() -> None:
    hidden = Secret({"hush-key": 5, "PLAIN": "x"})
    findings = _resource(
        "aws:rds/instance:Instance",
        {
            "instanceClass": "db.t4g.micro",
            "allocatedStorage": Secret("hush-text"),
            "storageType": Secret("hush-type"),
            "restoreToPointInTime": Secret({"hush-name": "hush-value"}),
            "tags": hidden,
        },
    )
    assert len(findings) == 4
    assert not any("hush" in str(finding) for finding in findings)


def test_a_value_outside_an_enumeration_is_found_with_the_nearest() -> None:
    (finding,) = _resource(
        "aws:rds/instance:Instance", {"instanceClass": "db.t4g.micro", "storageType": "gp33"}
    )
    assert (finding.rule, finding.path) == (Rule.NOT_ALLOWED, "storage_type")
    assert finding.suggestion == "did you mean gp3?"
    (finding,) = _resource(
        "aws:rds/instance:Instance", {"instanceClass": "db.t4g.micro", "storageType": "floppy"}
    )
    assert "gp2, gp3" in finding.suggestion


@pytest.mark.parametrize(
    ("token", "inputs", "path", "suggestion"),
    [
        (
            "aws:sns/topicPolicy:TopicPolicy",
            {"arn": TOPIC, "policy": "{"},
            "policy",
            "it has to be JSON",
        ),
        (
            "aws:rds/instance:Instance",
            {"instanceClass": "db.t4g.micro", "backupWindow": "3-4"},
            "backup_window",
            "it has to be a daily window in UTC (03:00-04:00)",
        ),
        (
            "aws:lb/listener:Listener",
            {"loadBalancerArn": "web", "defaultActions": [{"type": "forward"}]},
            "load_balancer_arn",
            "it has to be an ARN (arn:aws:…)",
        ),
    ],
)
def test_a_value_of_another_form_is_found_with_the_right_one(
    token: str, inputs: dict[str, Any], path: str, suggestion: str
) -> None:
    (finding,) = _resource(token, inputs)
    assert (finding.rule, finding.path, finding.suggestion) == (Rule.NOT_ALLOWED, path, suggestion)


def test_a_type_that_no_sdk_has_is_an_error() -> None:
    finding = _only(lambda opts: pulumi.CustomResource("aws:rds/nothing:Nothing", "it", {}, opts))
    assert finding.rule is Rule.UNRESOLVED_TYPE


def test_a_resource_directly_under_the_stack_is_an_error() -> None:
    finding = _only(lambda _opts: sns.Topic("lonely"))
    assert (finding.rule, finding.urn) == (
        Rule.MISSING_PARENT,
        "urn:pulumi:dev::shop::aws:sns/topic:Topic::lonely",
    )


def test_a_provider_may_be_directly_under_the_stack() -> None:
    def declare(opts: Options) -> None:
        # Its own configuration travels as JSON text.
        provider = pulumi.ProviderResource("aws", "elsewhere", {"region": "us-west-2", "maxRetries": "5"})
        sns.Topic("topic", opts=Options.merge(opts, Options(provider=provider)))

    assert _found(declare) == []


def test_a_provider_is_held_against_its_types() -> None:
    (finding,) = _resource("pulumi:providers:aws", {"maxRetries": '"often"', "skipRegionValidation": "true"})
    assert finding.path == "max_retries"


def test_a_reference_to_nothing_is_an_error() -> None:
    declared_ = {"urn:it": Rule.DANGLING_REFERENCE}
    findings = _resource(
        "aws:sqs/queue:Queue",
        {"name": "q"},
        dependencies=("urn:gone", "urn:group"),
        property_dependencies={"kmsMasterKeyId": ("urn:lost",)},
    )
    assert {finding.urn: finding.rule for finding in findings} == declared_
    assert {finding.path for finding in findings} == {"", "kms_master_key_id"}


def test_a_file_that_is_not_there_is_an_error() -> None:
    def declare(opts: Options) -> None:
        lambda_.Function("there", role=ROLE, code=pulumi.FileArchive("."), opts=opts)
        code = pulumi.AssetArchive({"a.py": pulumi.StringAsset(""), "b.py": pulumi.FileAsset("nowhere.py")})
        lambda_.Function("gone", role=ROLE, code=code, opts=opts)

    finding = _only(declare)
    assert (finding.rule, finding.path, finding.problem) == (
        Rule.MISSING_FILE,
        "code",
        "there is no file nowhere.py",
    )


def test_a_file_that_a_build_makes_may_be_missing() -> None:
    def declare(opts: Options) -> None:
        for name in ("build/it.zip", "builds/it.zip"):
            lambda_.Function(name, role=ROLE, code=pulumi.FileArchive(name), opts=opts)

    (finding,) = check(declared(declare), HERE, built="build")
    assert (finding.rule, finding.problem) == (Rule.MISSING_FILE, "there is no file builds/it.zip")


def test_what_is_only_read_needs_no_more_than_its_identifier() -> None:
    assert _found(lambda opts: sqs.Queue.get("there", "https://queue", opts=opts)) == []


def test_an_output_of_another_type_is_found_when_it_is_known() -> None:
    def declare(opts: Options) -> None:
        database = rds.Instance("db", instance_class="db.t4g.micro", opts=opts)
        wrong: Any = database.port
        sqs.Queue("queue", name=wrong, opts=opts)

    assert _found(declare) == []
    (finding,) = _found(declare, known=True)
    assert (finding.path, finding.rule) == ("name", Rule.WRONG_TYPE)


def test_a_refused_resource_hides_no_other_mistake() -> None:
    def declare(opts: Options) -> None:
        policy: Any = {"Version": 1}
        topic = sns.TopicPolicy("policy", arn=TOPIC, policy=policy, opts=opts)
        wrong: Any = 5
        iam.Role("role", assume_role_policy=topic.policy, description=wrong, opts=opts)

    assert {finding.urn.rpartition("::")[2] for finding in _found(declare)} == {"policy", "role"}


def test_two_of_a_kind_with_one_name_need_not_share_a_parent() -> None:
    def declare(_opts: Options) -> None:
        for name in ("a", "b"):
            sns.Topic("same", opts=Options(parent=Group(name)))

    with pytest.raises(Exception, match="two resources have the URN"):
        declared(declare)


def test_types_are_described_in_words() -> None:
    described = describe(OneOf((Scalar.STRING, ListOf(MapOf(Scalar.BOOLEAN)))))
    assert described == "a string or a list, each item a map, each value true or false"


def test_web_acls_are_importable() -> None:
    assert wafv2.WebAcl
