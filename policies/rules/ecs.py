"""ECS: task definitions, services, clusters and capacity providers."""

from collections.abc import Callable, Iterator
from typing import Final

from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.view import Resource, View, any_holds, each, every_holds

_TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"
_SERVICE: Final = "aws:ecs/service:Service"
_TASK_SET: Final = "aws:ecs/taskSet:TaskSet"
_CLUSTER: Final = "aws:ecs/cluster:Cluster"
_PROVIDER: Final = "aws:ecs/capacityProvider:CapacityProvider"

_CREDENTIALS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "ECS_ENGINE_AUTH_DATA")
"""The variables that ECS.8 looks for."""
_ROOT: Final = ("", "root", "0")
_ADMINISTRATOR: Final = ("", "containeradministrator")

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html"


def _containers(task: Resource) -> Iterator[View]:
    """The containers of a task, from the JSON text of their definitions."""
    yield from task.document("containerDefinitions").objects(())


def _of_containers(task: Resource, is_wrong: Callable[[View], bool], what: str) -> Problems:
    yield from each(
        lambda container: f"{container.where()} {what}" if is_wrong(container) else None, _containers(task)
    )


def _is_root(container: View) -> bool:
    """Whether a container runs as root: by its user, of which a group may be part, or by default."""
    return container.text("user").partition(":")[0].lower() in _ROOT


def _is_windows(task: Resource) -> bool:
    return task.text("runtimePlatform.operatingSystemFamily").upper().startswith("WINDOWS")


@rule(
    name="ecs-task-host-network-not-root",
    title="Containers on the host's network do not run as root without saying so",
    severity=Severity.HIGH,
    controls=("ECS.1",),
    types=(_TASK,),
    why="As root on the host's network, a container listens and sends as if it were the host.",
    fix="""
        aws.ecs.TaskDefinition("task", family="web", network_mode="awsvpc", container_definitions=containers)
    """,
    link=f"{_FSBP}#ecs-1",
)
def task_host_network_not_root(task: Resource) -> Problems:
    """A privileged container has said so; without a user, the image's own is root."""
    if task.text("networkMode") != "host":
        return OUT_OF_SCOPE
    return _of_containers(
        task,
        lambda container: every_holds(
            lambda: not container.flag("privileged", default=False), lambda: _is_root(container)
        ),
        "runs as root on the host's network",
    )


@rule(
    name="ecs-task-no-host-network",
    title="Tasks have a network of their own",
    severity=Severity.MEDIUM,
    controls=("ECS.17",),
    types=(_TASK,),
    why="On the host's network, a container reaches what listens for the host alone, and its credentials.",
    fix="""
        aws.ecs.TaskDefinition("task", family="web", network_mode="awsvpc", container_definitions=containers)
    """,
    link=f"{_FSBP}#ecs-17",
)
def task_no_host_network(task: Resource) -> Problems:
    """A bridge is the default."""
    return "network_mode is host" if task.text("networkMode") == "host" else None


@rule(
    name="ecs-task-no-host-processes",
    title="Tasks do not share the processes of their host",
    severity=Severity.HIGH,
    controls=("ECS.3",),
    types=(_TASK,),
    why="A container that sees the host's processes can read their memory, and end them.",
    fix="""
        aws.ecs.TaskDefinition("task", family="web", pid_mode="task", container_definitions=containers)
    """,
    link=f"{_FSBP}#ecs-3",
)
def task_no_host_processes(task: Resource) -> Problems:
    """Each container has its own by default."""
    return "pid_mode is host" if task.text("pidMode") == "host" else None


@rule(
    name="ecs-task-not-privileged",
    title="Containers are not privileged",
    severity=Severity.HIGH,
    controls=("ECS.4",),
    types=(_TASK,),
    why="A privileged container can do whatever root on its host can.",
    fix="""
        aws.ecs.TaskDefinition("task", family="web", container_definitions=json.dumps([
            {"name": "web", "image": image, "privileged": False},
        ]))
    """,
    link=f"{_FSBP}#ecs-4",
)
def task_not_privileged(task: Resource) -> Problems:
    """It is off by default."""
    return _of_containers(
        task, lambda container: container.flag("privileged", default=False), "is privileged"
    )


@rule(
    name="ecs-task-read-only-root",
    title="Containers cannot write to their own file system",
    severity=Severity.HIGH,
    controls=("ECS.5",),
    types=(_TASK,),
    why="Whoever gets into the container can change its programs.",
    fix="""
        aws.ecs.TaskDefinition("task", family="web", container_definitions=json.dumps([
            {"name": "web", "image": image, "readonlyRootFilesystem": True},
        ]))
    """,
    link=f"{_FSBP}#ecs-5",
)
def task_read_only_root(task: Resource) -> Problems:
    """It can be written to by default. Windows knows no such setting."""
    if _is_windows(task):
        return OUT_OF_SCOPE
    return _of_containers(
        task,
        lambda container: not container.flag("readonlyRootFilesystem", default=False),
        "has no read-only root file system",
    )


@rule(
    name="ecs-task-not-root",
    title="Containers on Linux do not run as root",
    severity=Severity.MEDIUM,
    controls=("ECS.20",),
    types=(_TASK,),
    why="Out of a container that runs as root, a hole in the host's kernel leads to root on the host.",
    fix="""
        aws.ecs.TaskDefinition("task", family="web", container_definitions=json.dumps([
            {"name": "web", "image": image, "user": "1000:1000"},
        ]))
    """,
    link=f"{_FSBP}#ecs-20",
)
def task_not_root(task: Resource) -> Problems:
    """Without a user, the image's own counts, which is root unless the image says otherwise."""
    if _is_windows(task):
        return OUT_OF_SCOPE
    return _of_containers(task, _is_root, "runs as root")


@rule(
    name="ecs-task-not-administrator",
    title="Containers on Windows do not run as administrator",
    severity=Severity.MEDIUM,
    controls=("ECS.21",),
    types=(_TASK,),
    why="Out of a container that runs as administrator, a hole in the host leads to all of the host.",
    fix="""
        aws.ecs.TaskDefinition("task", family="web", container_definitions=json.dumps([
            {"name": "web", "image": image, "user": "ContainerUser"},
        ]))
    """,
    link=f"{_FSBP}#ecs-21",
)
def task_not_administrator(task: Resource) -> Problems:
    """Without a user, it runs as `ContainerAdministrator`."""
    if not _is_windows(task):
        return OUT_OF_SCOPE
    return _of_containers(
        task,
        lambda container: container.text("user").lower() in _ADMINISTRATOR,
        "runs as administrator",
    )


@rule(
    name="ecs-task-no-credentials",
    title="Containers get no credentials of AWS as environment variables",
    severity=Severity.HIGH,
    controls=("ECS.8",),
    types=(_TASK,),
    why="Whoever may describe the task, and every process in the container, reads them.",
    fix="""
        aws.ecs.TaskDefinition("task", family="web", container_definitions=json.dumps([
            {"name": "web", "image": image, "secrets": [{"name": "TOKEN", "valueFrom": secret_arn}]},
        ]))
    """,
    link=f"{_FSBP}#ecs-8",
)
def task_no_credentials(task: Resource) -> Problems:
    """A task's role needs none."""
    return _of_containers(
        task,
        lambda container: any_holds(
            lambda variable: variable.text("name") in _CREDENTIALS, container.objects("environment")
        ),
        "has credentials in its environment",
    )


@rule(
    name="ecs-task-logs",
    title="Containers log somewhere",
    severity=Severity.HIGH,
    controls=("ECS.9",),
    types=(_TASK,),
    why="What a container wrote is gone with it, and with it what happened.",
    fix="""
        aws.ecs.TaskDefinition("task", family="web", container_definitions=json.dumps([{
            "name": "web", "image": image,
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/web"}},
        }]))
    """,
    link=f"{_FSBP}#ecs-9",
)
def task_logs(task: Resource) -> Problems:
    """There is no logging by default."""
    return _of_containers(
        task,
        lambda container: (
            not container.is_present("logConfiguration.logDriver")
            or container.text("logConfiguration.logDriver") == "none"
        ),
        "has no log driver",
    )


@rule(
    name="ecs-task-file-systems-encrypted-in-transit",
    title="Tasks reach EFS file systems over TLS",
    severity=Severity.MEDIUM,
    controls=("ECS.18",),
    types=(_TASK,),
    why="Files that cross the network without TLS can be read and changed on the way.",
    fix="""
        aws.ecs.TaskDefinition("task", family="web", container_definitions=containers, volumes=[{
            "name": "files",
            "efs_volume_configuration": {"file_system_id": files.id, "transit_encryption": "ENABLED"},
        }])
    """,
    link=f"{_FSBP}#ecs-18",
)
def task_file_systems_encrypted_in_transit(task: Resource) -> Problems:
    """It is off by default."""
    yield from each(
        lambda volume: (
            f"{volume.where()}.efs_volume_configuration.transit_encryption is not on"
            if volume.is_present("efsVolumeConfiguration")
            and volume.text("efsVolumeConfiguration.transitEncryption") != "ENABLED"
            else None
        ),
        task.objects("volumes"),
    )


@rule(
    name="ecs-service-no-public-address",
    title="Services give their tasks no public addresses",
    severity=Severity.HIGH,
    controls=("ECS.2", "ECS.16"),
    types=(_SERVICE, _TASK_SET),
    why="A task with a public address is one mistake in a security group away from the internet.",
    fix="""
        aws.ecs.Service(
            "web",
            network_configuration={
                "subnets": [subnet_a.id, subnet_b.id],
                "security_groups": [group.id],
                "assign_public_ip": False,
            },
        )
    """,
    link=f"{_FSBP}#ecs-2",
)
def service_no_public_address(service: Resource) -> Problems:
    """It is off by default."""
    on = service.flag("networkConfiguration.assignPublicIp", default=False)
    return "network_configuration.assign_public_ip is on" if on else None


@rule(
    name="ecs-service-security-groups-named",
    title="Services with a network of their own have security groups of their own",
    severity=Severity.MEDIUM,
    types=(_SERVICE, _TASK_SET),
    why="Without one, AWS takes the VPC's default group, which lets in whatever else is in it.",
    fix="""
        aws.ecs.Service(
            "web",
            network_configuration={
                "subnets": [subnet_a.id, subnet_b.id], "security_groups": [group.id],
            },
        )
    """,
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html",
)
def service_security_groups_named(service: Resource) -> Problems:
    """Tasks on a bridge or on the host's network have no network configuration."""
    if not service.is_present("networkConfiguration"):
        return OUT_OF_SCOPE
    named = service.is_present("networkConfiguration.securityGroups")
    return None if named else "network_configuration has no security_groups"


@rule(
    name="ecs-service-latest-platform",
    title="Services on Fargate run on the latest platform version",
    severity=Severity.MEDIUM,
    controls=("ECS.10",),
    types=(_SERVICE, _TASK_SET),
    why="AWS patches a platform version by the next one, so that a fixed one keeps its holes.",
    fix="""
        aws.ecs.Service("web", launch_type="FARGATE", platform_version="LATEST")
    """,
    link=f"{_FSBP}#ecs-10",
)
def service_latest_platform(service: Resource) -> Problems:
    """The latest one is the default."""
    if service.text("launchType") != "FARGATE" and not service.is_present("platformVersion"):
        return OUT_OF_SCOPE
    latest = service.text("platformVersion", default="LATEST") == "LATEST"
    return None if latest else "platform_version is not LATEST"


@rule(
    name="ecs-cluster-insights",
    title="Clusters collect the metrics of their containers",
    severity=Severity.MEDIUM,
    controls=("ECS.12",),
    types=(_CLUSTER,),
    why="Without them, nobody sees that a container restarts, or runs out of memory.",
    fix="""
        aws.ecs.Cluster("cluster", settings=[{"name": "containerInsights", "value": "enabled"}])
    """,
    link=f"{_FSBP}#ecs-12",
)
def cluster_insights(cluster: Resource) -> Problems:
    """They are off unless the account's setting says otherwise, which nobody sees here."""
    if any_holds(
        lambda setting: (
            setting.text("name") == "containerInsights" and setting.text("value") in ("enabled", "enhanced")
        ),
        cluster.objects("settings"),
    ):
        return None
    return "settings do not turn containerInsights on"


@rule(
    name="ecs-provider-termination-protection",
    title="Capacity providers end no instance that runs tasks",
    severity=Severity.MEDIUM,
    level=Level.MANDATORY,
    controls=("ECS.19",),
    types=(_PROVIDER,),
    why="When the group shrinks, it would end instances in the middle of their tasks.",
    fix="""
        aws.ecs.CapacityProvider(
            "instances",
            auto_scaling_group_provider={
                "auto_scaling_group_arn": group.arn,
                "managed_scaling": {"status": "ENABLED"},
                "managed_termination_protection": "ENABLED",
            },
        )
    """,
    link=f"{_FSBP}#ecs-19",
)
def provider_termination_protection(provider: Resource) -> Problems:
    """It is off by default. Only a provider with an Auto Scaling group has it."""
    if not provider.is_present("autoScalingGroupProvider"):
        return OUT_OF_SCOPE
    on = provider.text("autoScalingGroupProvider.managedTerminationProtection") == "ENABLED"
    return None if on else "auto_scaling_group_provider.managed_termination_protection is not on"
