"""The process that is the environment: it holds the servers, answers as AWS, and ends with all of them.

On standard output it says how far it is, a line a step, until it is ready; then it says no more.
"""

import json
import logging
import os
import secrets
import shutil
import signal
import ssl
import subprocess
import sys
import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any, Final

from moto.secretsmanager.models import secretsmanager_backends

from local import (
    absent,
    cache_server,
    caller,
    certificates,
    endpoint,
    front,
    page,
    place,
    postgres,
    processes,
)
from local.addresses import Addresses
from local.alarms import Alarms
from local.builds import Builds
from local.copies import Copies
from local.credentials import NAME
from local.endpoint import Endpoint
from local.environment import CACHE, DATABASE, READY
from local.here import Here
from local.invocations import Invocations
from local.log_queries import LogQueries
from local.passwords import Passwords
from local.place import Environment
from local.postgres import Postgres
from local.refreshes import Refreshes
from local.rotations import Rotations
from local.scripts import Scripts

_VERSION: Final = "17"
"""Of PostgreSQL: the plan's, and the one whose package has the extensions."""
_TRUSTED: Final = ("dump", "validator", "engineer", "monitoring")
"""Log in by IAM in AWS. Nobody here could check that, so whoever is on this machine is let in as they."""
_EXTENSIONS: Final = ("pg_stat_statements", "amcheck", "pgstattuple")
_YEAR_DAYS: Final = 365
_secrets: Any = secretsmanager_backends


def main() -> None:
    """Takes the folder, which is the environment's own, and the stack's account and region."""
    warnings.simplefilter("ignore")
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    folder, account, region = Path(sys.argv[1]), *sys.argv[2:]
    signal.signal(signal.SIGTERM, _stop)
    # Whoever interrupts the command that waits for this one interrupts that command alone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with place.running(), ExitStack() as stack:
        place.write(Environment(folder=str(folder), process=os.getpid()))
        stack.callback(_take_down, folder)
        _serve(stack, folder, account, region)
        signal.pause()


def _serve(stack: ExitStack, folder: Path, account: str, region: str) -> None:
    seed = _seed(stack)
    _say("PostgreSQL and Redis")
    database = _database(stack, folder)
    cache = stack.enter_context(cache_server.serving(_for_servers(folder, CACHE)))
    trusted = certificates.make(_folder(folder, "tls"), days=_YEAR_DAYS)
    served, pages = Endpoint(), page.listening()
    stack.callback(pages.server_close)
    addresses = Addresses(
        database=stack.enter_context(front.postgresql(database.port, trusted.server, force=False)),
        proxy=stack.enter_context(
            front.proxy(database.port, trusted.server, lambda: _known(account, region))
        )[0],
        cache=stack.enter_context(front.plain(cache.port, trusted.server)),
        plain_cache=cache.port,
        page=pages.server_address[1],
    )
    port = stack.enter_context(endpoint.serving(served))
    here = Here(
        account=account,
        region=region,
        endpoint=f"http://{processes.LOCALHOST}:{port}",
        folder=_folder(folder, "jobs"),
        authority=trusted.authority,
        addresses=addresses,
        database=database,
        cache=cache,
    )
    _answer(stack, served, here)
    trust = ssl.create_default_context(cafile=str(trusted.authority))
    stack.enter_context(page.serving(pages, page.Page(here, trust)))
    _say("AWS, filled from the plan of staging")
    _fill(seed, here, database)
    place.write(
        Environment(folder=str(folder), process=os.getpid(), endpoint=here.endpoint, page=addresses.url)
    )
    _say(READY)


def _answer(stack: ExitStack, served: Endpoint, here: Here) -> None:
    builds, invocations = Builds(here), Invocations(here)
    stack.callback(builds.end)
    rotations, alarms = Rotations(here, invocations), Alarms(here)
    rest = (Refreshes(here), Passwords(here), LogQueries(here), Scripts())
    for part in (builds, invocations, rotations, alarms, *rest):
        served.answers |= part.answers()
    served.answers |= absent.answers() | caller.answers(here)
    served.after |= rotations.after() | alarms.after() | Copies(here).after()


def _database(stack: ExitStack, folder: Path) -> Postgres:
    """PostgreSQL as RDS has it, with its master user and the application's empty database."""
    libraries = {"shared_preload_libraries": "pg_stat_statements"}
    server = stack.enter_context(
        postgres.serving(
            _for_servers(folder, DATABASE), _VERSION, secrets.token_urlsafe(24), trusted=_TRUSTED, **libraries
        )
    )
    postgres.create(server)
    # RDS lets its master user make extensions; PostgreSQL lets only a superuser.
    server.run(f"ALTER ROLE {postgres.MASTER} SUPERUSER")
    server.run(
        *(f"CREATE EXTENSION {name}" for name in _EXTENSIONS),
        user=postgres.MASTER,
        database=postgres.DATABASE,
    )
    return server


def _seed(stack: ExitStack) -> "subprocess.Popen[str]":
    """The process that fills the environment. It loads what it needs while the servers start."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "local.seed"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        cwd=place.ROOT,
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


def _fill(seed: "subprocess.Popen[str]", here: Here, database: Postgres) -> None:
    order = {"endpoint": here.endpoint, "addresses": asdict(here.addresses), "password": database.password}
    seed.communicate(json.dumps(order))
    if seed.returncode:
        # It has said why itself, in the last line of the log.
        sys.exit(1)


def _known(account: str, region: str) -> dict[str, str]:
    """The passwords that the proxy's registered secrets hold now, as the real one reads them."""
    found: dict[str, str] = {}
    for user in ("a", "b"):
        secret = _secrets[account][region].secrets.get(f"syncup/{NAME}/database-app-{user}")
        versions: Mapping[str, Any] = {} if secret is None else secret.versions
        for version in versions.values():
            if "AWSCURRENT" in version["version_stages"]:
                value = json.loads(version["secret_string"])
                found[value["username"]] = value["password"]
    return found


def _folder(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir(mode=0o700)
    return made


def _for_servers(folder: Path, name: str) -> Path:
    """A folder that belongs to the servers' user."""
    made = _folder(folder, name)
    processes.give(made)
    return made


def _take_down(folder: Path) -> None:
    """The last of all: the data goes. The record is for whoever asked for the end to remove."""
    shutil.rmtree(folder, ignore_errors=True)


def _say(line: str) -> None:
    """Whoever started this hears it. If he is gone, nobody waits for the environment, and it ends."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
