"""What an operations guide asks across services: credentials, alerts, what holds data."""

import re
from collections.abc import Iterator
from typing import Final

from facts.holding_data import HOLDING_DATA
from policies import alerts as named
from policies.alerts import Alert
from policies.rule import OUT_OF_SCOPE, STACK_TYPE, Level, Problems, Severity, rule
from policies.secrets_scan import in_setting, in_text
from policies.stack import Stack
from policies.view import UNKNOWN, Path, Resource, View, any_holds, each

_ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
_MONITOR: Final = "datadog:index/monitor:Monitor"
_TOPIC: Final = "aws:sns/topic:Topic"
_SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"

_SECRETS: Final = "https://docs.aws.amazon.com/secretsmanager/latest/userguide"


# Credentials only in Secrets Manager -------------------------------------------------------------------


def _in_text(view: View, path: Path) -> str | None:
    """What a text seems to hold that is a credential."""
    found = in_text(view.text(path))
    return f"{view.where(path)} seems to hold {found}" if found else None


def _in_map(view: View, path: Path) -> Iterator[str]:
    """The same for each value of a map, whose names tell as well."""
    around = view.object(path)

    def problem(name: str) -> str | None:
        found = in_setting(name, around.text((name,)))
        return f"{around.where((name,))} seems to hold {found}" if found else None

    yield from each(problem, around.names())


def _in_pairs(view: View, path: Path, *, name: str = "name") -> Iterator[str]:
    """The same for a list of objects with a name and a value."""

    def problem(pair: View) -> str | None:
        found = in_setting(pair.text(name), pair.text("value"))
        return f"{pair.where('value')} seems to hold {found}" if found else None

    yield from each(problem, view.objects(path))


@rule(
    name="guide-user-data-no-credentials",
    title="User data holds no credentials",
    severity=Severity.HIGH,
    types=(
        "aws:ec2/instance:Instance",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/launchConfiguration:LaunchConfiguration",
        "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
    ),
    why="Whoever may describe an instance, and whatever runs on it, reads its user data.",
    fix="""
        aws.ec2.Instance("server", iam_instance_profile=profile.name, user_data='''#!/bin/sh
        aws secretsmanager get-secret-value --secret-id application --query SecretString
        ''')
    """,
    link=f"{_SECRETS}/retrieving-secrets.html",
)
def user_data_no_credentials(resource: Resource) -> Problems:
    """Base64, compressed or not, is read as what it stands for."""
    yield from each(lambda name: _in_text(resource, name), ("userData", "userDataBase64"))


@rule(
    name="guide-function-no-credentials",
    title="The environment of functions holds no credentials",
    severity=Severity.HIGH,
    types=("aws:lambda/function:Function",),
    why="Whoever may look at the function reads its environment, and so does Pulumi's state.",
    fix="""
        aws.lambda_.Function("api", environment={"variables": {"DATABASE_SECRET_ID": secret.name}})
    """,
    link=f"{_SECRETS}/retrieving-secrets_lambda.html",
)
def function_no_credentials(function: Resource) -> Problems:
    """A value that is marked as secret lies open there as well."""
    yield from _in_map(function, "environment.variables")


@rule(
    name="guide-container-no-credentials",
    title="Definitions of containers hold no credentials",
    severity=Severity.HIGH,
    types=("aws:ecs/taskDefinition:TaskDefinition", "aws:batch/jobDefinition:JobDefinition"),
    why="Whoever may describe the definition reads it, in every revision that there ever was.",
    fix="""
        aws.ecs.TaskDefinition("api", family="api", container_definitions=json.dumps([{
            "name": "api",
            "image": image,
            "secrets": [{"name": "DATABASE_PASSWORD", "valueFrom": secret_arn}],
        }]))
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-8",
    controls=("ECS.8",),
)
def container_no_credentials(definition: Resource) -> Problems:
    """Secrets by reference stand in `secrets`; environment and commands are plain text."""
    for path in ("containerDefinitions", "containerProperties"):
        for container in definition.document(path).objects(()):
            yield from _in_pairs(container, "environment")
            for words in ("command", "entryPoint"):
                found = in_text(" ".join(container.texts(words)))
                if found:
                    yield f"{container.where(words)} seems to hold {found}"


@rule(
    name="guide-build-no-credentials",
    title="The environment of builds holds no credentials",
    severity=Severity.CRITICAL,
    controls=("CodeBuild.2",),
    types=("aws:codebuild/project:Project",),
    why="Builds print their environment, and whoever may look at the project reads it.",
    fix="""
        aws.codebuild.Project("build", environment={
            "compute_type": "BUILD_GENERAL1_SMALL",
            "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
            "type": "ARM_CONTAINER",
            "environment_variables": [
                {"name": "TOKEN", "type": "SECRETS_MANAGER", "value": "build/token"},
            ],
        })
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/codebuild-controls.html#codebuild-2",
)
def build_no_credentials(project: Resource) -> Problems:
    """A variable is plain text unless its type says otherwise."""

    def problem(variable: View) -> str | None:
        if variable.text("type", default="PLAINTEXT") != "PLAINTEXT":
            return None
        found = in_setting(variable.text("name"), variable.text("value"))
        return f"{variable.where('value')} seems to hold {found}" if found else None

    yield from each(problem, project.objects("environment.environmentVariables"))
    yield from each(lambda path: _in_text(project, path), ("source.buildspec",))


@rule(
    name="guide-parameter-no-credentials",
    title="Parameters of type String hold no credentials",
    severity=Severity.HIGH,
    types=("aws:ssm/parameter:Parameter",),
    why="A parameter of type String is plain text for whoever may read parameters.",
    fix="""
        aws.secretsmanager.Secret("database", name="application/database", kms_key_id=key.arn)
    """,
    link=f"{_SECRETS}/create_secret.html",
)
def parameter_no_credentials(parameter: Resource) -> Problems:
    """Its name tells as well, by the last part of the path."""
    if parameter.text("type") == "SecureString":
        return OUT_OF_SCOPE
    name = parameter.text("name") if parameter.raw("name") is not UNKNOWN else parameter.name

    def problem(path: str) -> str | None:
        found = in_setting(name.rpartition("/")[2], parameter.text(path))
        return f"{path} seems to hold {found}" if found else None

    return each(problem, ("value", "insecureValue"))


@rule(
    name="guide-setting-no-credentials",
    title="Settings of applications and jobs hold no credentials",
    severity=Severity.HIGH,
    types=(
        "aws:amplify/app:App",
        "aws:amplify/branch:Branch",
        "aws:apprunner/service:Service",
        "aws:elasticbeanstalk/environment:Environment",
        "aws:glue/connection:Connection",
        "aws:glue/job:Job",
    ),
    why="Whoever may look at the application or the job reads its settings, and so does Pulumi's state.",
    fix="""
        aws.glue.Connection("database", connection_properties={
            "JDBC_CONNECTION_URL": url, "SECRET_ID": secret.name,
        })
    """,
    link=f"{_SECRETS}/integrating.html",
)
def setting_no_credentials(resource: Resource) -> Problems:
    """Each of them can take a secret by its name instead."""
    for path in _SETTINGS[resource.type]:
        yield from _in_map(resource, path)
    yield from _in_pairs(resource, "settings")


_CODE: Final = "sourceConfiguration.codeRepository.codeConfiguration.codeConfigurationValues"
_SETTINGS: Final = {
    "aws:amplify/app:App": ("environmentVariables",),
    "aws:amplify/branch:Branch": ("environmentVariables",),
    "aws:apprunner/service:Service": (
        "sourceConfiguration.imageRepository.imageConfiguration.runtimeEnvironmentVariables",
        f"{_CODE}.runtimeEnvironmentVariables",
    ),
    "aws:elasticbeanstalk/environment:Environment": (),
    "aws:glue/connection:Connection": ("connectionProperties",),
    "aws:glue/job:Job": ("defaultArguments", "nonOverridableArguments"),
}
"""Where each type keeps settings by name; Elastic Beanstalk has a list of them."""


@rule(
    name="guide-tags-no-credentials",
    title="Tags hold no credentials",
    severity=Severity.HIGH,
    types=(
        "aws:acm/certificate:Certificate",
        "aws:autoscaling/group:Group",
        "aws:backup/plan:Plan",
        "aws:backup/vault:Vault",
        "aws:cloudfront/distribution:Distribution",
        "aws:cloudtrail/trail:Trail",
        "aws:cloudwatch/eventRule:EventRule",
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:codebuild/project:Project",
        "aws:dynamodb/table:Table",
        "aws:ebs/snapshot:Snapshot",
        "aws:ebs/volume:Volume",
        "aws:ec2/ami:Ami",
        "aws:ec2/instance:Instance",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/vpc:Vpc",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "aws:ec2clientvpn/endpoint:Endpoint",
        "aws:ecr/repository:Repository",
        "aws:ecs/cluster:Cluster",
        "aws:ecs/service:Service",
        "aws:ecs/taskDefinition:TaskDefinition",
        "aws:efs/fileSystem:FileSystem",
        "aws:eks/cluster:Cluster",
        "aws:elasticache/cluster:Cluster",
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:elasticache/user:User",
        "aws:elb/loadBalancer:LoadBalancer",
        "aws:iam/policy:Policy",
        "aws:iam/role:Role",
        "aws:iam/user:User",
        "aws:kinesis/stream:Stream",
        "aws:kms/key:Key",
        "aws:lambda/function:Function",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:lb/targetGroup:TargetGroup",
        "aws:opensearch/domain:Domain",
        "aws:rds/cluster:Cluster",
        "aws:rds/instance:Instance",
        "aws:rds/proxy:Proxy",
        "aws:redshift/cluster:Cluster",
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketV2:BucketV2",
        "aws:secretsmanager/secret:Secret",
        "aws:sfn/stateMachine:StateMachine",
        "aws:sns/topic:Topic",
        "aws:sqs/queue:Queue",
        "aws:ssm/document:Document",
        "aws:ssm/parameter:Parameter",
        "aws:wafv2/webAcl:WebAcl",
    ),
    why="Tags are for everybody: consoles, bills, logs and other accounts show them.",
    fix="""
        aws.s3.Bucket("data", tags={"Project": "example", "Secret": secret.name})
    """,
    link="https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
)
def tags_no_credentials(resource: Resource) -> Problems:
    """A group's tags are a list, and a template's stand for what is made from it."""
    if resource.type == "aws:autoscaling/group:Group":
        yield from _in_pairs(resource, "tags", name="key")
        return
    yield from _in_map(resource, "tags")
    for made in resource.objects("tagSpecifications"):
        yield from _in_map(made, "tags")


@rule(
    name="guide-password-not-in-program",
    title="Passwords of services are not written in the program",
    severity=Severity.HIGH,
    types=(
        "aws:directoryservice/directory:Directory",
        "aws:dms/endpoint:Endpoint",
        "aws:docdb/cluster:Cluster",
        "aws:elasticsearch/domain:Domain",
        "aws:memorydb/user:User",
        "aws:mq/broker:Broker",
        "aws:opensearch/domain:Domain",
        "aws:redshift/cluster:Cluster",
        "aws:redshiftserverless/namespace:Namespace",
    ),
    why="What the program's text says, its repository and Pulumi's state keep for ever.",
    fix="""
        aws.redshift.Cluster(
            "warehouse",
            cluster_identifier="warehouse",
            node_type="ra3.large",
            master_username="keeper",
            manage_master_password=True,
        )
    """,
    link=f"{_SECRETS}/integrating.html",
)
def password_not_in_program(resource: Resource, stack: Stack) -> Problems:
    """One that another resource makes, that is marked as secret, or that is still unknown, is not."""
    around, _, name = _PASSWORDS[resource.type].rpartition("[].")
    if resource.raw(around or name) is UNKNOWN:
        return
    sources = resource.property_dependencies.get(around or name, ())
    if any(urn in stack.by_urn and stack.by_urn[urn].type.startswith(_MAKERS) for urn in sources):
        return
    for view in resource.objects(around) if around else [resource]:
        if view.raw(name) is not UNKNOWN and view.is_present(name) and not view.is_secret(name):
            yield f"{view.where(name)} is written in the program"


_PASSWORDS: Final = {
    "aws:directoryservice/directory:Directory": "password",
    "aws:dms/endpoint:Endpoint": "password",
    "aws:docdb/cluster:Cluster": "masterPassword",
    "aws:elasticsearch/domain:Domain": "advancedSecurityOptions[].masterUserOptions.masterUserPassword",
    "aws:memorydb/user:User": "authenticationMode[].passwords",
    "aws:mq/broker:Broker": "users[].password",
    "aws:opensearch/domain:Domain": "advancedSecurityOptions[].masterUserOptions.masterUserPassword",
    "aws:redshift/cluster:Cluster": "masterPassword",
    "aws:redshiftserverless/namespace:Namespace": "adminUserPassword",
}
"""Where each type takes a password as it is."""

_MAKERS: Final = ("random:", "aws:secretsmanager/", "aws:ssm/", "vault:", "pulumiservice:")
"""What makes or keeps passwords."""


# What holds data ---------------------------------------------------------------------------------------


@rule(
    name="guide-data-protected",
    title="What holds data is protected in Pulumi",
    severity=Severity.HIGH,
    level=Level.ADVISORY,
    types=tuple(HOLDING_DATA),
    why="Without the option, one careless change or one `destroy` deletes data that no `up` brings back.",
    fix="""
        aws.s3.Bucket("data", opts=pulumi.ResourceOptions(protect=True))
    """,
    link="https://www.pulumi.com/docs/iac/concepts/options/protect/",
)
def data_protected(resource: Resource) -> Problems:
    """A replica holds nothing that its source has not."""
    if resource.is_present("replicateSourceDb") or resource.is_present("replicationSourceIdentifier"):
        return OUT_OF_SCOPE
    return None if resource.options.protect else "the option protect is not on"


# Alerts in both systems --------------------------------------------------------------------------------


@rule(
    name="guide-alert-in-both-systems",
    title="Every alert of the guide exists in CloudWatch and in Datadog",
    severity=Severity.HIGH,
    types=(STACK_TYPE,),
    why="An alert that one system lacks does not ring when the other one is silent.",
    fix="""
        aws.cloudwatch.MetricAlarm("high-error-rate", threshold=5, alarm_actions=[topic.arn])
        datadog.Monitor("high-error-rate", type="query alert", query=query, message="@pagerduty-on-call")
    """,
    link="https://docs.datadoghq.com/monitors/",
)
def alert_in_both_systems(_stack: Resource, stack: Stack, *, alerts: list[str]) -> Problems:
    """By name, `high-error-rate` for HighErrorRate; several of one alert differ in what stands behind it.

    A stack without any of them is about something else.
    """
    places = [
        (alert, _places(alert, stack, _ALARM), _places(alert, stack, _MONITOR))
        for alert in named.parsed(alerts)
    ]
    if not any(alarms or monitors for _, alarms, monitors in places):
        return OUT_OF_SCOPE
    return _missing(places)


def _places(alert: Alert, stack: Stack, token: str) -> set[str]:
    """Where an alert is watched: what the names of its alarms, or of its monitors, say behind it."""
    return {place for resource in stack.all(token) if (place := alert.place(resource)) is not None}


def _missing(places: list[tuple[Alert, set[str], set[str]]]) -> Iterator[str]:
    for alert, alarms, monitors in places:
        if not alarms or monitors - alarms:
            yield f"{alert.name} lacks an alarm in CloudWatch"
        if not monitors or alarms - monitors:
            yield f"{alert.name} lacks a monitor in Datadog"


@rule(
    name="guide-alarm-threshold",
    title="Alarms of the guide's alerts have its thresholds",
    severity=Severity.HIGH,
    types=(_ALARM,),
    why="An alarm that rings later than the guide says rings when users have left.",
    fix="""
        aws.cloudwatch.MetricAlarm(
            "high-error-rate", comparison_operator="GreaterThanThreshold", threshold=5
        )
    """,
    link="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html",
)
def alarm_threshold(alarm: Resource, *, alerts: list[str]) -> Problems:
    """The type requires the operator; without a threshold it compares with what it expects itself."""
    alert = named.of(alarm, named.parsed(alerts))
    if alert is None:
        return OUT_OF_SCOPE
    return _off_threshold(alert, alarm)


def _off_threshold(alert: Alert, alarm: Resource) -> Iterator[str]:
    if not alert.is_limit(alarm.number("threshold", default=float("nan"))):
        yield f"threshold is not that of {alert.name}"
    if not alert.compares_as(alarm.text("comparisonOperator")):
        yield f"comparison_operator looks the other way than {alert.name}"


@rule(
    name="guide-alarm-calls",
    title="Alarms of the guide's alerts call somebody",
    severity=Severity.HIGH,
    types=(_ALARM,),
    why="An alarm that nobody hears is a line in a console.",
    fix="""
        aws.sns.TopicSubscription("on-call", topic=topic.arn, protocol="https", endpoint=on_call_url)
        aws.cloudwatch.MetricAlarm("high-error-rate", alarm_actions=[topic.arn])
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-15",
)
def alarm_calls(alarm: Resource, stack: Stack, *, alerts: list[str]) -> Problems:
    """A topic of another stack has its subscriptions there. Actions are on unless they are switched off."""
    if named.of(alarm, named.parsed(alerts)) is None:
        return OUT_OF_SCOPE
    if not alarm.is_present("alarmActions"):
        return "it has no alarm_actions"
    if not alarm.flag("actionsEnabled", default=True):
        return "actions_enabled is off"
    topics = list(stack.behind(alarm, "alarmActions", _TOPIC))
    if topics and not any_holds(lambda topic: _is_heard(topic, stack), topics):
        return "nobody is subscribed to the topic of its alarm_actions"
    return None


def _is_heard(topic: Resource, stack: Stack) -> bool:
    return any_holds(lambda _subscription: True, stack.beside(topic, _SUBSCRIPTION, by="topic"))


@rule(
    name="guide-monitor-threshold",
    title="Monitors of the guide's alerts have its thresholds",
    severity=Severity.HIGH,
    types=(_MONITOR,),
    why="A monitor that rings later than the guide says rings when users have left.",
    fix="""
        datadog.Monitor(
            "high-error-rate",
            type="query alert",
            query="avg(last_5m):avg:requests.error_rate{*} > 5",
            monitor_thresholds={"critical": "5"},
            message="@pagerduty-on-call",
        )
    """,
    link="https://docs.datadoghq.com/monitors/configuration/",
)
def monitor_threshold(monitor: Resource, *, alerts: list[str]) -> Problems:
    """The query ends in its comparison; `monitor_thresholds.critical`, where it is given, is the same."""
    alert = named.of(monitor, named.parsed(alerts))
    if alert is None:
        return OUT_OF_SCOPE
    return _off_query(alert, monitor)


def _off_query(alert: Alert, monitor: Resource) -> Iterator[str]:
    compared = _COMPARED.search(monitor.text("query"))
    if compared is None or not alert.is_limit(float(compared["limit"])):
        yield f"the query's threshold is not that of {alert.name}"
    elif not alert.compares_as(compared["operator"]):
        yield f"the query looks the other way than {alert.name}"
    if monitor.is_present("monitorThresholds.critical") and not alert.is_limit(
        monitor.number("monitorThresholds.critical", default=float("nan"))
    ):
        yield f"monitor_thresholds.critical is not that of {alert.name}"


_COMPARED: Final = re.compile(r"(?P<operator>[<>]=?)\s*(?P<limit>[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)\s*$")
