"""The checklist: each item holds or refuses for its own reason, and all are seen at once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.reading import read_guide
from operate import incident_services, preflight
from operate.backups import Backup, Kind
from operate.errors import GuardError, RemoteError
from operate.git import Revision
from operate.incidents import Entry, Incident, Status
from operate.lock import Lock
from operate.preflight import UPDATES, Asked, Item, Says, Verdict
from operate.refresh import Refresh
from operate.secrets import Secret, Variable
from operate.stack import Stack
from preview.engine import State
from tests.operate.double import NOW, Aws, error
from tests.operate.services import CREDENTIALS

GUIDE = read_guide()
MERGED = Revision(commit="c" * 40, tree="7" * 40, changed=(), merged=True)
CLEAN = State(made=True, pending=(), saved="")
MINE = Lock(who="ben", since=NOW, why=UPDATES, opens="`syncup up staging` goes on")
DUMP = Backup(kind=Kind.DUMP, name="backup_1", made=NOW, size_bytes=1, state="complete", good=True)
ROLLING = Refresh(id="r-1", status="InProgress", percent=50, why="", version="")
NEVER = Secret(
    name="syncup/staging/third-party",
    variables=(Variable(name="OPENAI_API_KEY", is_set=False), Variable(name="SENTRY_DSN", is_set=True)),
    rotates=False,
    changed=None,
    age=None,
    next_rotation=None,
    due=True,
)


def _incident(severity: str, status: Status) -> Incident:
    entry = Entry(at=NOW, who="ben", severity=severity, status=status, says="opened")
    return Incident(id="INC7", title="Nobody can sign in", timeline=(entry,))


@pytest.mark.parametrize(
    ("says", "said"),
    [
        (preflight.reviewed(MERGED), "cccccccccccc is merged"),
        (preflight.newest(MERGED, None, behind=False), "no revision has been proved yet"),
        (preflight.newest(MERGED, "d" * 40, behind=False), "not older than dddddddddddd"),
        (preflight.tests_here(MERGED, MERGED.tree), "passed here"),
        (preflight.tests_at_github(MERGED, "success"), "passed at GitHub"),
        (preflight.functions([]), "their archives are those of the sources"),
        (preflight.no_doubt(CLEAN, "staging"), "nothing is in doubt"),
        (preflight.no_doubt(replace(CLEAN, pending=["updating a:b:C x"]), "staging"), "nothing is in doubt"),
        (preflight.lock_free(None, resume=False), "free"),
        (preflight.lock_free(replace(MINE, left=True), resume=False), "goes on with an update"),
        (preflight.lock_free(MINE, resume=True), "goes on with an update"),
        (preflight.instances(None, "staging"), "none are being replaced"),
        (preflight.instances(replace(ROLLING, status="Successful"), "staging"), "none are being replaced"),
        (preflight.no_incident([_incident("P2", Status.OPEN)], "P1"), "no P1 is open"),
        (preflight.no_incident([_incident("P1", Status.RESOLVED)], "P1"), "no P1 is open"),
        (preflight.variables_set([], "staging"), "all have values"),
        (preflight.backup([DUMP], NOW + timedelta(minutes=59)), "backup_1, 59 min old"),
    ],
)
def test_an_item_that_holds_says_why(says: Says, said: str) -> None:
    assert says[0] is Verdict.HOLDS
    assert said in says[1]


@pytest.mark.parametrize(
    ("says", "said"),
    [
        (preflight.reviewed(replace(MERGED, changed=["a.py"])), "not committed: a.py"),
        (preflight.reviewed(replace(MERGED, changed=list("abcdefg"))), "a, b, c, d, e and 2 more"),
        (preflight.reviewed(replace(MERGED, merged=False)), "is not on origin's main branch: merge it first"),
        (
            preflight.newest(MERGED, "d" * 40, behind=True),
            "cccccccccccc is older than dddddddddddd, which is there: revert what is to go",
        ),
        (preflight.tests_here(MERGED, None), "`make test`"),
        (preflight.tests_here(MERGED, "8" * 40), "no record that those of cccccccccccc passed here"),
        (preflight.tests_at_github(MERGED, "failure"), "GitHub says of those of cccccccccccc: failure"),
        (preflight.tests_at_github(MERGED, "in_progress"), "in progress"),
        (preflight.functions(["dump_job"]), "sources of dump_job: `make functions`"),
        (
            preflight.no_doubt(replace(CLEAN, pending=["creating a:b:C x"]), "staging"),
            "`pulumi refresh --stack staging --clear-pending-creates` forgets it",
        ),
        (
            preflight.lock_free(MINE, resume=False),
            "by ben since 2026-11-24 12:00:00 UTC; `syncup up staging`",
        ),
        (preflight.lock_free(replace(MINE, why="stopped", left=True), resume=True), "locked: stopped"),
        (preflight.instances(ROLLING, "staging"), "being replaced, 50 % (InProgress)"),
        (
            preflight.no_incident([_incident("P1", Status.MITIGATING)], "P1"),
            "INC7 is open (P1: Nobody can sign in)",
        ),
        (preflight.variables_set([NEVER], "staging"), "no value for OPENAI_API_KEY: `syncup secrets update"),
    ],
)
def test_an_item_that_refuses_says_why_and_the_way_out(says: Says, said: str) -> None:
    assert says[0] is Verdict.REFUSES
    assert said in says[1]


@pytest.mark.parametrize(
    "made",
    [
        [],
        [replace(DUMP, made=NOW - timedelta(hours=1))],
        [replace(DUMP, good=False)],
        [replace(DUMP, kind=Kind.TIME)],
    ],
    ids=["none", "old", "incomplete", "a point in time"],
)
def test_a_backup_that_is_not_there_is_made_first(made: list[Backup]) -> None:
    assert preflight.backup(made, NOW)[0] is Verdict.DUE


def _asked(stack: Stack, *, made: bool, environ: Mapping[str, str] = CREDENTIALS) -> Asked:
    return Asked(
        stack=stack,
        guide=GUIDE,
        state=replace(CLEAN, made=made),
        channels=incident_services.channels(GUIDE.severities, environ),
        directory=Path("nowhere"),
        environ=environ,
        revision=lambda: MERGED,
        resume=False,
    )


def _by_name(items: list[Item]) -> dict[str, Item]:
    return {item.name: item for item in items}


def test_what_cannot_hold_yet_is_skipped_because_the_stack_was_never_made(stack: Stack) -> None:
    """And nobody tries it: AWS is asked for the lock alone."""
    items = _by_name(preflight.look(_asked(stack, made=False)))
    skipped = {name for name, item in items.items() if item.verdict is Verdict.SKIPPED}
    assert skipped == {"newest", "incidents", "instances", "variables", "backup", "team"}
    assert {item.says for name, item in items.items() if name in skipped} == {
        "the stack has never been made to its end"
    }
    assert items["lock"].verdict is Verdict.HOLDS


def test_all_that_refuses_is_known_at_once_also_where_aws_or_git_fails(
    stack: Stack, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable() -> Revision:
        raise RemoteError("origin cannot be reached")

    aws.answers["s3.ListObjectVersions"] = error("AccessDenied", "no")
    aws.answers["autoscaling.DescribeInstanceRefreshes"] = {"InstanceRefreshes": []}
    aws.answers["secretsmanager.ListSecrets"] = {"SecretList": []}

    def backups(_: Stack) -> Any:
        return [DUMP]

    monkeypatch.setattr("operate.preflight.backups.found", backups)
    items = _by_name(preflight.look(replace(_asked(stack, made=True, environ={}), revision=unreachable)))
    assert items["reviewed"].says == items["tests"].says == "origin cannot be reached"
    assert "AWS denies ListObjectVersions" in items["incidents"].says
    assert "SLACK_BOT_TOKEN" in items["team"].says
    with pytest.raises(GuardError) as caught:
        preflight.require(list(items.values()))
    refusing = {name for name, item in items.items() if item.verdict is Verdict.REFUSES}
    assert {"reviewed", "tests", "incidents", "team"} <= refusing
    assert all(name in str(caught.value) for name in refusing)
    assert aws.changes == []


def test_what_is_due_is_the_updates_to_do_and_refuses_nothing() -> None:
    due = Item(name=preflight.BACKUP, verdict=Verdict.DUE, says="there is none: one is made first")
    preflight.require([due])
    assert preflight.is_due([due], preflight.BACKUP)
    assert not preflight.is_due([due], preflight.TEAM)
