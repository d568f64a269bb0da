"""What would break an invariant does break it: each is held against a stack that was broken on purpose."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import pytest

from preview.graph import Graph, Message, Resource
from preview.values import UNKNOWN, Asset, Secret
from tests.program.invariants import (
    INVARIANTS,
    Invariant,
    alerts,
    data,
    exposure,
    form,
    functions,
    naming,
    references,
)
from tests.program.stacks import Built, built

STACK: Final = "production"
Change = Callable[[Resource], Resource | None]


def put(path: str, value: Any) -> Change:
    """Another value at a path of the inputs, `rules.0.filter`; None takes it away."""

    def change(resource: Resource) -> Resource:
        return dataclasses.replace(resource, inputs=_with(resource.inputs, path.split("."), value))

    return change


def _with(held: Any, path: list[str], value: Any) -> Any:
    step, *rest = path
    if isinstance(held, list):
        listed = cast("list[Any]", held)
        return [_with(item, rest, value) if str(index) == step else item for index, item in enumerate(listed)]
    properties: Mapping[str, Any] = held or {}
    new = _with(properties.get(step), rest, value) if rest else value
    return {key: item for key, item in {**properties, step: new}.items() if item is not None}


def says(property_: str, old: str, new: str) -> Change:
    """Another word in a text."""

    def change(resource: Resource) -> Resource | None:
        assert old in resource[property_]
        return put(property_, resource[property_].replace(old, new))(resource)

    return change


def options(**changes: Any) -> Change:
    """Other options."""
    return lambda resource: dataclasses.replace(
        resource, options=dataclasses.replace(resource.options, **changes)
    )


def is_a(type_token: str) -> Change:
    """Another type."""
    return lambda resource: dataclasses.replace(resource, type=type_token)


def called(name: str) -> Change:
    """Another logical name."""
    return lambda resource: dataclasses.replace(resource, name=name)


def waiting_for_nothing(resource: Resource) -> Resource:
    """No dependencies, and no component that has any."""
    return dataclasses.replace(resource, parent="", dependencies=(), property_dependencies={})


def gone(_resource: Resource) -> None:
    """No resource at all."""


def broken(what: str, change: Change) -> Built:
    """Production with one resource, `Bucket dumps`, that is not as it should be."""
    stack = built(STACK)
    return dataclasses.replace(
        stack, unknown=_changed(stack.unknown, what, change), known=_changed(stack.known, what, change)
    )


def _changed(graph: Graph, what: str, change: Change) -> Graph:
    (wanted,) = [one for one in graph.resources if f"{one.type.rpartition(':')[2]} {one.name}" == what]
    changed = (change(one) if one is wanted else one for one in graph.resources)
    return dataclasses.replace(graph, resources=tuple(one for one in changed if one is not None))


BREAKS: Final[Mapping[Invariant, tuple[tuple[str, Change, str], ...]]] = {
    form.it_is_declared_as_the_providers_want: (
        ("ReplicationGroup cache-group", put("nodeTyp", "cache.t4g.micro"), "node_typ"),
        ("Key encryption-data", gone, "which is not declared"),
    ),
    form.nothing_is_managed_that_is_somebody_elses: (
        (
            "Secret secrets-cache",
            is_a("aws:secretsmanager/secretVersion:SecretVersion"),
            "the first value back",
        ),
        ("ReplicationGroup cache-group", options(ignore_changes=()), "engineVersion is somebody else's"),
    ),
    form.everything_says_whose_it_is: (
        ("Bucket dumps", put("tags.Environment", None), "Environment"),
        ("Bucket dumps", put("tags.Name", None), "Name"),
        ("Monitor monitors-high-latency", put("tags", ["kind:alert"]), "project:syncup"),
    ),
    form.nothing_follows_the_latest: (
        (
            "Group application-instances-group",
            put("mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.version", "$Latest"),
            "$Latest",
        ),
    ),
    form.the_command_finds_every_output: (
        ("Parameter outputs-url", gone, "outputs/url is None"),
        ("Parameter outputs-dump-bucket", put("insecureValue", "other"), "outputs/dump-bucket is 'other'"),
    ),
    data.data_is_encrypted_with_a_key_of_ours: (
        (
            "BucketServerSideEncryptionConfiguration dumps-encryption",
            put("rules.0.applyServerSideEncryptionByDefault", {"sseAlgorithm": "AES256"}),
            "its key is None",
        ),
        (
            "Instance database-g1-instance",
            put("kmsKeyId", "arn:aws:kms:us-west-2:111122223333:key/0"),
            "none of this stack's",
        ),
        (
            "Secret secrets-cache",
            put("region", "us-east-2"),
            "its key is in us-west-2, but it is in us-east-2",
        ),
        (
            "Domain search-domain",
            put("nodeToNodeEncryption.enabled", False),
            "nodeToNodeEncryption.enabled is not on",
        ),
        ("Trail audit-trail-trail", put("kmsKeyId", None), "None"),
        ("Key encryption-data", put("enableKeyRotation", False), "not rotated"),
    ),
    data.what_passes_through_is_encrypted_too: (
        ("Topic alerts-high", put("kmsMasterKeyId", None), "None"),
        (
            "LaunchTemplate application-instances-template",
            put("blockDeviceMappings.0.ebs.kmsKeyId", None),
            "None",
        ),
    ),
    data.data_is_protected_as_the_stack_says: (
        ("Vault backups-vault", options(protect=False), "Pulumi's protection is False"),
        ("Instance database-g1-replica-instance", options(protect=True), "Pulumi's protection is True"),
        ("Instance database-g1-instance", put("deletionProtection", False), "deletionProtection is False"),
        (
            "LoadBalancer application-lb-balancer",
            put("enableDeletionProtection", None),
            "enableDeletionProtection is None",
        ),
    ),
    data.what_is_deleted_can_be_brought_back: (
        ("Instance database-g1-instance", put("skipFinalSnapshot", True), "nothing of it is left"),
        ("Bucket dumps", put("forceDestroy", True), "nothing of it"),
    ),
    data.data_is_backed_up: (
        (
            "Instance database-g1-instance",
            put("backupRetentionPeriod", 7),
            "RDS keeps its backups for 7 days",
        ),
        ("Selection backups-databases", put("resources", []), "AWS Backup does not select it"),
        (
            "InstanceAutomatedBackupsReplication database-g1-backups",
            put("region", "us-west-2"),
            "do not reach the recovery region",
        ),
        (
            "InstanceAutomatedBackupsReplication database-g1-backups",
            put("retentionPeriod", 7),
            "the recovery region keeps its backups for 7 days",
        ),
        ("ReplicationGroup cache-group", put("snapshotRetentionLimit", 1), "kept for 1 days"),
        ("Secret secrets-cache", put("replicas", []), "it is replicated to []"),
        ("BucketReplicationConfig dumps-replication", gone, "it is replicated to None"),
        (
            "BucketVersioning cdn-static-bucket-versioning",
            put("versioningConfiguration.status", "Suspended"),
            "it has no versions",
        ),
        ("BucketLifecycleConfiguration dumps-lifecycle", gone, "old versions"),
        ("Plan backups-plan", put("rules.0.copyActions", []), "copies to []"),
    ),
    alerts.every_alert_rings_and_has_its_page: (
        ("MetricAlarm alerts-high-latency", gone, "HighLatency (high-latency)"),
        ("MetricAlarm alerts-high-latency", put("tags.Severity", "Low"), "it is not High"),
        ("Monitor monitors-slow-queries", says("message", "slow-queries.md", "slow.md"), "has no monitor"),
    ),
    alerts.every_alarm_is_routed_and_has_its_page: (
        ("MetricAlarm dump-failed", put("alarmActions", []), "tells []"),
        ("MetricAlarm dumps-replication-late", put("region", None), "tells [('us-east-2'"),
        ("MetricAlarm dump-failed", put("okActions", None), "nobody hears"),
        (
            "MetricAlarm dump-failed",
            says("alarmDescription", "dump-failed.md", "dumps.md"),
            "there is no runbook 'dumps.md'",
        ),
    ),
    alerts.whatever_pages_reaches_the_pager_once: (
        ("TopicSubscription on-call-high-home", gone, "0 subscript"),
        ("TopicSubscription on-call-high-home", put("region", "us-east-1"), "it is in us-east-1"),
        (
            "TopicSubscription on-call-high-home",
            put("endpoint", Secret("https://example.com/enqueue")),
            "not the pager's",
        ),
        ("SlackChannelConfiguration chat-channel", put("snsTopicArns", []), "the channel does not hear"),
    ),
    alerts.the_pager_calls_the_escalation: (
        ("Service on-call-critical", put("escalationPolicy", "P0"), "it calls nobody"),
        ("EscalationPolicy on-call-escalation", put("rules", []), "it calls []"),
    ),
    references.what_is_named_is_declared: (
        ("Role dump-role", gone, "no aws:iam/role:Role is called that"),
        ("RolePolicy dump-permissions", waiting_for_nothing, "it does not wait for"),
    ),
    references.every_policy_is_known_before_anything_exists: (
        ("RolePolicy dump-permissions", put("policy", UNKNOWN), "policy is not known"),
    ),
    references.what_a_policy_names_is_declared: (
        (
            "RolePolicy dump-permissions",
            says("policy", "syncup-production-dumps-", "syncup-production-dump-"),
            "which is nothing of this stack",
        ),
    ),
    naming.names_fit_and_are_unique: (
        ("Domain search-domain", put("domainName", "syncup-production-search-of-logs"), "AWS wants"),
        (
            "Function logs-setup-function",
            put("name", "syncup-production-logs-forwarder"),
            "is called 'syncup-production-logs-forwarder' as well",
        ),
    ),
    naming.names_that_pulumi_makes_fit: (
        (
            "LoadBalancer application-lb-balancer",
            called("application-load-balancer"),
            "33 characters",
        ),
    ),
    functions.every_function_is_deployed_by_its_present_archive: (
        ("Function logs-setup-function", gone, "functions/search_setup: 0 resources have its archive"),
        (
            "Function logs-setup-function",
            put("code", Asset("archive", "path", "build/functions/old-0.zip")),
            "old-0.zip is the archive of nothing in functions/",
        ),
        ("BucketObjectv2 dump-code", gone, "functions/dump_job: 0 resources have its archive"),
    ),
    functions.every_function_stands_alone: (
        (
            "Function logs-setup-function",
            put("role", "arn:aws:iam::111122223333:role/syncup-production-logs-forwarder"),
            "Role syncup-production-logs-forwarder is not its own",
        ),
        ("LogGroup logs-setup-logs", gone, "is not its own"),
        ("Function logs-setup-function", put("deadLetterConfig", None), "is not its own"),
        ("Function logs-setup-function", put("timeout", 901), "its timeout is 901"),
        ("Function logs-setup-function", put("timeout", None), "its timeout is None"),
        (
            "Function logs-setup-function",
            put("reservedConcurrentExecutions", None),
            "None of it may run at once",
        ),
    ),
    functions.every_function_is_watched: (
        ("MetricAlarm logs-setup-errors", gone, "nothing rings on its Errors"),
        (
            "MetricAlarm logs-setup-dead-letters-waiting",
            put("alarmActions", []),
            "nothing rings on its ApproximateNumberOfMessagesVisible",
        ),
    ),
    functions.every_job_is_bounded: (
        ("Project dump-project", put("concurrentBuildLimit", None), "it is not bounded"),
        ("Project dump-project", put("logsConfig", None), "its log group is not declared"),
        (
            "Project dump-project",
            put("serviceRole", "arn:aws:iam::111122223333:role/syncup-production-restore"),
            "its role is not its own",
        ),
    ),
    exposure.every_bucket_is_private: (
        (
            "BucketPublicAccessBlock dumps-public-access",
            put("restrictPublicBuckets", False),
            "it can be made public",
        ),
        ("BucketOwnershipControls dumps-ownership", gone, "may have ACLs"),
        (
            "BucketPolicy dumps-policy",
            says("policy", '"aws:SecureTransport": "false"', '"aws:SecureTransport": "true"'),
            "without TLS",
        ),
        ("BucketLogging dumps-logging", gone, "nobody records"),
    ),
    exposure.what_belongs_to_a_bucket_is_in_its_region: (
        ("BucketVersioning dumps-versioning", put("region", "us-east-2"), "it is in us-east-2"),
    ),
    exposure.nobody_comes_in_from_anywhere: (
        (
            "SecurityGroupIngressRule firewall-proxy-to-database-5432-in",
            put("cidrIpv4", "0.0.0.0/0"),
            "open to the world",
        ),
        (
            "SecurityGroupEgressRule firewall-application-to-internet-443-out",
            put("toPort", 65535),
            "open to the world",
        ),
        ("LoadBalancer application-lb-balancer", put("internal", False), "open to the world"),
        ("Instance database-g1-instance", put("publiclyAccessible", None), "open to the world"),
    ),
    exposure.no_policy_allows_everything: (
        (
            "RolePolicy dump-permissions",
            put("policy", '{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'),
            "allows every action",
        ),
        (
            "BucketPolicy dumps-policy",
            put(
                "policy",
                '{"Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Principal": {"AWS": "*"}}]}',
            ),
            "allows everybody",
        ),
    ),
    exposure.no_service_is_talked_into_a_role: (
        ("Role dump-role", says("assumeRolePolicy", "Condition", "Without"), "anybody may have"),
    ),
    exposure.what_is_allowed_on_everything_only_looks: (
        (
            "RolePolicy dump-permissions",
            put(
                "policy", '{"Statement": [{"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": "*"}]}'
            ),
            "it may s3:PutObject on everything",
        ),
    ),
    exposure.no_secret_is_in_the_open: (
        (
            "User cache-application",
            put("passwords", ["cache-application-password-57a0fec"]),
            "passwords.0 shows a secret",
        ),
        (
            "Parameter application-log-level",
            put("insecureValue", "postgresql://user:word@host:5432/syncup"),
            "looks like a credential",
        ),
    ),
    exposure.every_log_is_kept_for_a_stated_time: (
        ("LogGroup dump-logs", put("retentionInDays", None), "kept for ever"),
        (
            "LogGroup database-g1-upgrade-log",
            gone,
            "AWS would make /aws/rds/instance/syncup-production-g1/upgrade",
        ),
    ),
}


CASES: Final = [
    pytest.param(invariant, *case, id=f"{invariant.__name__}-{case[0]}")
    for invariant, cases in BREAKS.items()
    for case in cases
]


@pytest.mark.parametrize(("invariant", "what", "change", "said"), CASES)
def test_a_break_is_noticed(invariant: Invariant, what: str, change: Change, said: str) -> None:
    found = list(invariant(broken(what, change)))
    assert any(said in line for line in found), found


def test_a_resource_that_is_not_there_in_a_first_preview_is_noticed() -> None:
    stack = built(STACK)
    unknown = _changed(stack.unknown, "LogGroup dump-logs", gone)
    found = list(form.it_is_the_same_whatever_the_cloud_answers(dataclasses.replace(stack, unknown=unknown)))
    assert any("declared only while computed outputs are known" in line for line in found)


def test_a_warning_of_the_sdk_is_noticed() -> None:
    stack = built(STACK)
    known = dataclasses.replace(stack.known, messages=(Message("warning", "deprecated"),))
    assert list(form.the_sdk_warns_of_nothing(dataclasses.replace(stack, known=known))) == [
        "warning: deprecated"
    ]


@pytest.mark.parametrize(
    "invariant",
    [data.data_is_encrypted_with_a_key_of_ours, data.data_is_backed_up],
    ids=lambda one: one.__name__,
)
def test_data_of_a_kind_that_nobody_has_thought_of_is_noticed(invariant: Invariant) -> None:
    stack = broken("ReplicationGroup cache-group", is_a("aws:dynamodb/table:Table"))
    assert any("nobody has said" in line for line in invariant(stack))


def test_every_invariant_is_broken_here() -> None:
    elsewhere = {form.it_is_the_same_whatever_the_cloud_answers, form.the_sdk_warns_of_nothing}
    assert BREAKS.keys() | elsewhere == set(INVARIANTS)
