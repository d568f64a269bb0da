"""What an instance does when it starts: a shell script.

It writes files that are the same everywhere, and one of settings. It says where secrets are, never what
they are. No Pulumi here.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from components import contract, ports
from components.metric_sources import AGENT_NAMESPACE

LIMIT_BYTES: Final = 16 * 1024
"""https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html"""

_TEMPLATES: Final = Path(__file__).parent / "templates" / "instance"
_END: Final = "END_OF_FILE"
_PROGRAMS: Final = ("common", "start", "environment", "drain", "migrate", "datadog")
_UNITS: Final = (
    "syncup.service",
    "syncup-environment.service",
    "syncup-drain.service",
    "syncup-datadog.service",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """Where an instance finds what it runs and whom it tells."""

    environment: str
    region: str
    release: str
    """The version, such as `2026.11.3`."""
    release_bucket: str
    group_name: str
    """Of the Auto Scaling group."""
    launch_hook: str
    termination_hook: str
    parameters_path: str
    """The path in Parameter Store below which each parameter is one environment variable."""
    secrets: Sequence[str]
    """Names of secrets whose keys are environment variables."""
    cache_secret: str
    """Name of the secret with the cache's `username` and `password`."""
    log_group_name: str
    datadog_site: str


def user_data(instance: Instance) -> str:
    """The script that cloud-init runs as root on an instance's first start.

    Guarantees that it can run again with the same result, and that it fits into an instance's metadata.

    Raises:
        ValueError: the release is no version, or the script is too long for EC2.
    """
    contract.release(instance.release)
    script = "\n".join(
        [
            "#!/bin/bash",
            "set -euo pipefail",
            _file("/etc/syncup/instance.conf", _settings(instance), 0o644),
            _file("/etc/syncup/cloudwatch-agent.json", json.dumps(_agent(instance.log_group_name)), 0o644),
            *(_file(f"/usr/local/lib/syncup/{name}", _template(f"{name}.sh"), 0o755) for name in _PROGRAMS),
            *(_file(f"/etc/systemd/system/{unit}", _template(unit), 0o644) for unit in _UNITS),
            _file("/etc/logrotate.d/syncup", _template("logrotate"), 0o644),
            "exec /usr/local/lib/syncup/start",
            "",
        ]
    )
    size = len(script.encode())
    if size > LIMIT_BYTES:
        raise ValueError(f"the user data has {size} bytes, EC2 takes {LIMIT_BYTES}")
    return script


def _settings(instance: Instance) -> str:
    """The settings as shell assignments."""
    values = {
        "ENVIRONMENT": instance.environment,
        "AWS_REGION": instance.region,
        "RELEASE": instance.release,
        "RELEASE_BUCKET": instance.release_bucket,
        "GROUP": instance.group_name,
        "LAUNCH_HOOK": instance.launch_hook,
        "TERMINATION_HOOK": instance.termination_hook,
        "PARAMETERS": instance.parameters_path,
        "SECRETS": " ".join(instance.secrets),
        "CACHE_SECRET": instance.cache_secret,
        "LOG_GROUP": instance.log_group_name,
        "DATADOG_SITE": instance.datadog_site,
        "PORT": str(ports.APPLICATION),
        "HEALTH_PATH": contract.HEALTH_PATH,
        "START_SECONDS": str(contract.START_SECONDS),
        "DRAIN_SECONDS": str(contract.DRAIN_SECONDS),
    }
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())


def _agent(log_group_name: str) -> Mapping[str, Any]:
    """The CloudWatch agent's configuration: the metrics of `components.metrics`, and two log files.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-Configuration-File-Details.html
    """
    return {
        "agent": {"metrics_collection_interval": 60, "run_as_user": "cwagent"},
        "metrics": {
            "namespace": AGENT_NAMESPACE,
            "append_dimensions": {
                "AutoScalingGroupName": "${aws:AutoScalingGroupName}",
                "InstanceId": "${aws:InstanceId}",
            },
            "aggregation_dimensions": [["AutoScalingGroupName"]],
            "metrics_collected": {
                "cpu": {"measurement": ["usage_active"], "totalcpu": True},
                "mem": {"measurement": ["used_percent"]},
                "disk": {"measurement": ["used_percent"], "resources": ["/"], "drop_device": True},
            },
        },
        "logs": {
            # Listens on 25888 for what the application publishes in the embedded metric format.
            "metrics_collected": {"emf": {}},
            "logs_collected": {
                "files": {
                    "collect_list": [
                        {
                            "file_path": f"/var/log/syncup/{file}.log",
                            "log_group_name": log_group_name,
                            "log_stream_name": stream,
                        }
                        for file, stream in (
                            ("application", "{instance_id}"),
                            ("start", "{instance_id}-start"),
                        )
                    ]
                }
            },
        },
    }


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _file(path: str, content: str, mode: int) -> str:
    """Shell that writes a file as it is: the quoted end mark keeps the shell from looking into it."""
    ended = content if content.endswith("\n") else f"{content}\n"
    return f"install -D --mode {mode:04o} /dev/stdin {path} <<'{_END}'\n{ended}{_END}"
