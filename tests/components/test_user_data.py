"""What an instance does at its start: the script, its settings, and its parts at work."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from components import contract, ports
from components.metric_forms import Role
from components.metrics import CATALOGUE
from components.user_data import LIMIT_BYTES, Instance, user_data

TEMPLATES = Path("components/templates/instance")
INSTANCE = Instance(
    environment="test",
    region="us-west-2",
    release="2026.11.3",
    release_bucket="syncup-test-releases-111122223333-us-west-2",
    group_name="syncup-test-application",
    launch_hook="syncup-test-application-launch",
    termination_hook="syncup-test-application-termination",
    parameters_path="/syncup/test/app",
    secrets=["syncup/test/database", "syncup/test/authentication"],
    cache_secret="syncup/test/cache",  # noqa: S106 (a name)
    log_group_name="/syncup/test/application",
    datadog_site="datadoghq.com",
)


def _file(path: str) -> str:
    """What the script writes to a path."""
    found = re.search(
        rf"/dev/stdin {re.escape(path)} <<'END_OF_FILE'\n(.*?)END_OF_FILE", user_data(INSTANCE), re.DOTALL
    )
    assert found is not None, path
    return found[1]


def _settings() -> dict[str, str]:
    lines = _file("/etc/syncup/instance.conf").splitlines()
    return {name: value.strip("'") for name, value in (line.split("=", 1) for line in lines)}


def test_the_script_is_the_same_for_the_same_instance_and_fits() -> None:
    script = user_data(INSTANCE)
    assert script == user_data(INSTANCE)
    assert len(script.encode()) <= LIMIT_BYTES


@pytest.mark.parametrize("version", ["2026.11.3; id", "$(id)", "../2026.11.3", "-rf", "a b", "x" * 65, ""])
def test_only_a_version_gets_into_the_root_shell(version: str) -> None:
    with pytest.raises(ValueError, match=r"2026\.11\.3"):
        user_data(replace(INSTANCE, release=version))


def test_a_value_cannot_leave_its_quotes() -> None:
    hostile = replace(INSTANCE, log_group_name="a'; touch /tmp/x; '")
    assert "LOG_GROUP='a'\"'\"'; touch /tmp/x; '\"'\"''" in user_data(hostile)


def test_no_file_ends_early() -> None:
    for template in TEMPLATES.iterdir():
        assert "END_OF_FILE" not in template.read_text(encoding="utf-8")


def test_the_settings_carry_the_contracts_figures() -> None:
    settings = _settings()
    assert settings["PORT"] == str(ports.APPLICATION)
    assert settings["HEALTH_PATH"] == contract.HEALTH_PATH
    assert settings["DRAIN_SECONDS"] == str(contract.DRAIN_SECONDS)
    assert settings["START_SECONDS"] == str(contract.START_SECONDS)
    assert f"TimeoutStopSec={contract.STOP_SECONDS}\n" in _file("/etc/systemd/system/syncup.service")


def test_secrets_are_named_and_read_at_start_into_memory() -> None:
    assert _settings()["SECRETS"] == "syncup/test/database syncup/test/authentication"
    written = re.findall(r">\S*\"(/\S+?)\"", _file("/usr/local/lib/syncup/environment"))
    assert written
    assert all(path.startswith("/run/") for path in written)


def test_the_application_cannot_use_the_instances_credentials() -> None:
    unit = _file("/etc/systemd/system/syncup.service")
    assert "IPAddressDeny=169.254.169.254/32 fd00:ec2::254/128" in unit
    assert "User=syncup" in unit
    assert "NoNewPrivileges=yes" in unit


def test_the_agent_publishes_what_the_catalogue_watches() -> None:
    agent = json.loads(_file("/etc/syncup/cloudwatch-agent.json"))["metrics"]
    names = {
        f"{kind}_{measurement}"
        for kind, collected in agent["metrics_collected"].items()
        for measurement in collected["measurement"]
    }
    watched = [
        series
        for definition in CATALOGUE.values()
        for source in definition.sources
        for series in source.cloudwatch.series
        if series.dimensions == {"AutoScalingGroupName": Role.GROUP}
    ]
    assert {series.name for series in watched} == names
    assert {series.namespace for series in watched} == {agent["namespace"]}
    assert agent["aggregation_dimensions"] == [["AutoScalingGroupName"]]


def test_the_page_says_the_same_figures() -> None:
    page = Path("docs/application-contract.md").read_text(encoding="utf-8")
    for stated in (
        f"port **{ports.APPLICATION}**",
        f"`GET {contract.HEALTH_PATH}`",
        f"**{contract.DRAIN_SECONDS} seconds**",
        f"**{contract.STOP_SECONDS} seconds**",
        f"**{contract.START_SECONDS} seconds**",
        f"**{contract.READ_SECONDS} seconds**",
        f"`{contract.STATIC_PREFIX}/`",
        contract.artifact_key("<version>"),
    ):
        assert stated in page, stated


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    whole = tmp_path / "user_data.sh"
    whole.write_text(user_data(INSTANCE), encoding="utf-8")
    scripts = [str(whole), *map(str, sorted(TEMPLATES.glob("*.sh")))]
    done = subprocess.run(  # noqa: S603
        ["shellcheck", *scripts],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


class Machine:
    """A folder that stands for an instance: the script's files in it, and commands that only answer."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "bin").mkdir()
        installer = user_data(INSTANCE).replace("exec /usr/local/lib/syncup/start\n", "")
        self._run(self._moved(installer))
        self.command("systemctl", "")
        self.command("sleep", "")

    def command(self, name: str, body: str) -> None:
        """Puts a command before those of the system. It writes down how it was called."""
        path = self.root / "bin" / name
        path.write_text(f'#!/bin/bash\necho "{name} $*" >>{self.root}/calls\n{body}\n', encoding="utf-8")
        path.chmod(0o755)

    def run(self, program: str, *arguments: str) -> int:
        """Runs one of the instance's programs and returns its exit status."""
        return self._run(f"{self.root}/usr/local/lib/syncup/{program} {' '.join(arguments)}")

    def read(self, path: str) -> str:
        """What is in a file of the instance."""
        return (self.root / path.lstrip("/")).read_text(encoding="utf-8")

    @property
    def calls(self) -> list[str]:
        """The commands that were called, in order."""
        return self.read("/calls").splitlines()

    def _moved(self, script: str) -> str:
        """The script with this folder as its root."""
        return re.sub(r"(?<![\w./-])/(etc|usr/local|run|opt|var)/", rf"{self.root}/\1/", script)

    def _run(self, script: str) -> int:
        environment = {"PATH": f"{self.root}/bin:{os.environ['PATH']}", "HOME": str(self.root)}
        return subprocess.run(  # noqa: S603
            ["bash", "-c", script],  # noqa: S607
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        ).returncode


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    if sys.platform != "linux":
        pytest.skip("the instance's programs run on Linux alone")
    return Machine(tmp_path)


def _answers(parameters: dict[str, str], secrets: dict[str, dict[str, str]]) -> str:
    """A body for `aws` that answers like Parameter Store and Secrets Manager."""
    listed = {"Parameters": [{"Name": f"/syncup/test/app/{k}", "Value": v} for k, v in parameters.items()]}
    cases = "\n".join(
        f"  *--secret-id\\ {name}\\ *) cat <<'E'\n{json.dumps(value)}\nE\n;;"
        for name, value in secrets.items()
    )
    parameters_case = f"  ssm\\ *) cat <<'E'\n{json.dumps(listed)}\nE\n;;"
    return f'case "$*" in\n{parameters_case}\n{cases}\n  *) exit 255 ;;\nesac'


SECRETS = {
    "syncup/test/database": {"DATABASE_URL": 'postgresql://app_a:p"w\\$x@proxy/syncup', "username": "app_a"},
    "syncup/test/authentication": {
        "JWT_SECRET": "new",
        "JWT_SECRET_PREVIOUS": "old",
        "DATADOG_API_KEY": "dd",
    },
    "syncup/test/cache": {"username": "application", "password": "pass"},
}
needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")


@needs_jq
def test_the_environment_is_what_parameters_and_secrets_say(machine: Machine) -> None:
    machine.command("aws", _answers({"DATABASE_SSL": "true"}, SECRETS))
    assert machine.run("environment") == 0
    lines = dict(line.split("=", 1) for line in machine.read("/run/syncup/application.env").splitlines())
    assert json.loads(lines["DATABASE_URL"]) == SECRETS["syncup/test/database"]["DATABASE_URL"]
    assert json.loads(lines["JWT_SECRET_PREVIOUS"]) == "old"
    assert lines["CACHE_USERNAME"] == '"application"'
    assert lines["DATABASE_SSL"] == '"true"'
    assert lines["PORT"] == '"3000"'
    assert "username" not in lines
    assert machine.read("/run/syncup/datadog.env") == 'DD_API_KEY="dd"\n'


@needs_jq
def test_nobody_but_root_reads_the_environment(machine: Machine) -> None:
    machine.command("aws", _answers({}, SECRETS))
    machine.run("environment")
    folder = machine.root / "run/syncup"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@needs_jq
@pytest.mark.parametrize("missing", SECRETS)
def test_a_secret_that_cannot_be_read_stops_the_start(machine: Machine, missing: str) -> None:
    machine.command("aws", _answers({}, {name: value for name, value in SECRETS.items() if name != missing}))
    assert machine.run("environment") != 0
    assert not (machine.root / "run/syncup/application.env").exists()


def _release(machine: Machine, *, digest: str | None = None) -> None:
    """Puts a release where `aws s3 cp` finds it."""
    program = machine.root / "start"
    program.write_text("#!/bin/bash\n", encoding="utf-8")
    artifact = machine.root / "app.tar.gz"
    with tarfile.open(artifact, "w:gz") as archive:
        archive.add(program, "bin/start")
    digest = digest or hashlib.sha256(artifact.read_bytes()).hexdigest()
    (machine.root / "app.tar.gz.sha256").write_text(f"{digest}  app.tar.gz\n", encoding="utf-8")
    machine.command("aws", f'[[ $1 != s3 ]] || cp "{machine.root}/${{4##*/}}" "$5"')
    machine.command("dnf", "")
    machine.command("useradd", "")
    machine.command("id", "")
    machine.command("install", f'exec /usr/bin/install "${{@/cwagent/{os.getgid()}}}"')
    machine.command("curl", "echo i-0123456789abcdef0")
    agent = machine.root / "opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl"
    agent.parent.mkdir(parents=True)
    agent.write_text("#!/bin/bash\n", encoding="utf-8")
    agent.chmod(0o755)


def _results(machine: Machine) -> list[str]:
    return [
        call.split("--lifecycle-action-result ")[1].split()[0]
        for call in machine.calls
        if "lifecycle" in call
    ]


def test_an_instance_serves_only_after_its_release_is_in_place(machine: Machine) -> None:
    _release(machine)
    assert machine.run("start") == 0
    assert (machine.root / "opt/syncup/app/bin/start").exists()
    assert _results(machine) == ["CONTINUE"]


def test_starting_twice_ends_in_the_same_state(machine: Machine) -> None:
    _release(machine)
    assert machine.run("start") == 0
    assert machine.run("start") == 0
    assert [path.name for path in (machine.root / "opt/syncup/app").iterdir()] == ["bin"]


def test_a_release_with_another_digest_never_starts(machine: Machine) -> None:
    _release(machine, digest="0" * 64)
    assert machine.run("start") != 0
    assert not any("restart syncup.service" in call for call in machine.calls)
    assert _results(machine) == ["ABANDON"]


def test_an_instance_that_goes_stops_only_after_its_requests(machine: Machine) -> None:
    machine.command("curl", "echo Terminated")
    machine.command("aws", "")
    assert machine.run("drain") == 0
    calls = [call for call in machine.calls if not call.startswith("curl")]
    assert calls[0] == f"sleep {contract.DRAIN_SECONDS}"
    assert calls[1] == "systemctl stop syncup.service"
    assert "CONTINUE" in calls[-1]


def test_migrations_take_a_version_and_nothing_else(machine: Machine) -> None:
    assert machine.run("migrate") == 2
    assert machine.run("migrate", "'2026.11.3;id'") == 2
    assert not (machine.root / "calls").exists()


def test_a_release_is_called_alike_everywhere() -> None:
    form = re.search(r"=~ \^(\S+)\$ \]\]", _file("/usr/local/lib/syncup/migrate"))
    assert form is not None
    assert form[1] == contract.RELEASE.pattern
