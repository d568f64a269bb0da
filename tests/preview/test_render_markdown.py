"""A comment tells in its first line whether a change is safe, then what goes, then all else; never a secret.

The events under `data` were recorded from the real engine, the comments under `golden` are what they make.
To write them anew: `python -m tests.preview.golden`.
"""

import base64
import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from pulumi_aws import rds, s3, sns

from policies.evaluate import Verdict
from policies.report import Finding as PolicyFinding
from policies.report import Report, Standing
from policies.rule import Level, Rule, Severity
from preview import render_json, render_terminal
from preview.findings import Finding
from preview.findings import Rule as Check
from preview.graph import Graph, Message, Resource
from preview.plan import Change, Kind, Operation, Plan, PropertyChange, Source
from preview.render_markdown import LIMIT, marker, render
from preview.values import UNKNOWN, Asset, Secret
from tests.preview.comparing import comparison
from tests.preview.golden import DATA, GOLDEN, NAMES, comment, plan_of_log

HUSH = "hush-hush-hush"
URN = "urn:pulumi:dev::shop::shop:data:Data${}::{}"
STACK = Resource(
    urn="urn:stack", type="pulumi:pulumi:Stack", name="shop-dev", parent="", custom=False, inputs={}
)
DATABASE, TOPIC = "aws:rds/instance:Instance", "aws:sns/topic:Topic"
RULE = Rule(
    name="sns-topic-encrypted",
    title="Topics are encrypted",
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    types=(TOPIC,),
    why="x",
    fix='sns.Topic("it", kms_master_key_id=key.id)',
    link="https://docs.aws.amazon.com",
    predicate=lambda: None,
)


def _resource(name: str, type_: str = TOPIC) -> Resource:
    return Resource(
        urn=URN.format(type_, name), type=type_, name=name, parent="urn:stack", custom=True, inputs={}
    )


def _plan(*changes: tuple[Resource, Change], **more: Any) -> Plan:
    return Plan(
        project="shop",
        stack="dev",
        source=Source.ENGINE,
        graph=Graph((STACK, *(resource for resource, _ in changes)), {}, more.pop("messages", ())),
        changes={STACK.urn: Change(operation=Operation.SAME), **{r.urn: change for r, change in changes}},
        **more,
    )


def _updating(*properties: PropertyChange, type_: str = TOPIC) -> Plan:
    return _plan((_resource("it", type_), Change(operation=Operation.UPDATE, properties=properties)))


def _property(
    name: str, old: Any = None, new: Any = None, kind: Kind = Kind.UPDATE, **more: Any
) -> PropertyChange:
    return PropertyChange(path=(name,), kind=kind, old=old, new=new, **more)


def _first_line(plan: Plan, **more: Any) -> str:
    return render(plan, **more).splitlines()[0]


# --- the forms ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_what_the_engine_recorded_makes_the_comment_that_was_read(name: str) -> None:
    wanted = (GOLDEN / f"{name}.md").read_text(encoding="utf-8")
    assert comment(name) == wanted, (
        f"golden/{name}.md differs: read it, then `python -m tests.preview.golden`"
    )


@pytest.mark.parametrize("name", NAMES)
def test_no_planted_secret_is_in_any_output(name: str) -> None:
    """The events themselves have some: in `tagsAll` the provider tells what the tags keep secret."""
    plan = plan_of_log(name)
    for text in (comment(name), render(plan, limit=None), render_json.render(plan), _terminal(plan)):
        assert "PLANTED" not in text


def test_the_recordings_have_planted_secrets() -> None:
    assert any("PLANTED" in (DATA / f"{name}.jsonl").read_text(encoding="utf-8") for name in NAMES)


def _terminal(plan: Plan) -> str:
    file = io.StringIO()
    render_terminal.render(plan, render_terminal.console(file))
    return file.getvalue()


# --- the verdict -------------------------------------------------------------------------------------------

CREATED = (_resource("new"), Change(operation=Operation.CREATE))
DELETED = (_resource("old"), Change(operation=Operation.DELETE))
LOST = (_resource("db", DATABASE), Change(operation=Operation.DELETE))
REPLACED = (
    _resource("db", DATABASE),
    Change(
        operation=Operation.REPLACE,
        properties=(_property("storageEncrypted", old=False, new=True, forces=True),),
        likely=True,
    ),
)


def _report(verdict: Verdict = Verdict.VIOLATED, level: Level = Level.MANDATORY, **more: Any) -> Report:
    finding = PolicyFinding(
        rule=RULE, urn=CREATED[0].urn, verdict=verdict, level=level, problems=("no key",), **more
    )
    return Report(findings=(finding,))


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        (_plan(), "## 🟢 dev: no changes"),
        (_plan(CREATED), "## 🟢 dev: safe: nothing is deleted or replaced"),
        (_plan(DELETED), "## 🟡 dev: look: 1 deleted, and no data would be lost"),
        (_plan(LOST), "## 🔴 dev: not safe: data would be lost: the database (1 deleted)"),
        (_plan(REPLACED), "## 🔴 dev: not safe: data would be lost: the database (1 likely replaced)"),
        (_plan(CREATED, policies=_report()), "## 🔴 dev: not safe: 1 policy blocks"),
        (
            _plan(CREATED, policies=_report(Verdict.UNDECIDABLE)),
            "## 🔴 dev: not safe: 1 mandatory policy undecided",
        ),
        (
            _plan(CREATED, policies=_report(level=Level.ADVISORY)),
            "## 🟢 dev: safe: nothing is deleted or replaced",
        ),
        (_plan(CREATED, errors=("a", "b")), "## 🔴 dev: not safe: 2 errors"),
        (
            _plan(LOST, errors=("a",), policies=_report()),
            "## 🔴 dev: not safe: data would be lost: the database (1 deleted) · 1 error · 1 policy blocks",
        ),
    ],
)
def test_the_first_line_says_whether_it_is_safe(plan: Plan, line: str) -> None:
    assert _first_line(plan) == line


def test_a_loss_that_somebody_allowed_is_told_all_the_same() -> None:
    assert _first_line(_plan(LOST), allow_data_loss=True) == (
        "## 🟠 dev: data would be lost: the database (1 deleted), which is allowed"
    )
    told = _first_line(_plan(LOST, errors=("a",)), allow_data_loss=True)
    assert told.startswith("## 🔴 dev: not safe")


def test_what_the_cloud_keeps_is_no_loss() -> None:
    kept = (_resource("db", DATABASE), Change(operation=Operation.DELETE, kept=True))
    text = render(_plan(kept))
    assert text.startswith("## 🟡")
    assert "the database, which stays in the cloud" in text


def test_a_replica_has_no_data_of_its_own() -> None:
    replica = replace(LOST[0], inputs={"replicateSourceDb": "db"})
    text = render(_plan((replica, LOST[1])))
    assert text.startswith("## 🟡")
    assert "only a copy of the database" in text


def test_the_second_line_counts_and_says_compared_with_what() -> None:
    plan = replace(_plan(CREATED, DELETED), source=Source.COMPARISON, against="main (abc)")
    assert render(plan).splitlines()[2] == (
        "**+1** to create, **-1** to delete (compared with `main (abc)`, without an engine or credentials)."
    )


# --- what users complain of elsewhere ----------------------------------------------------------------------


def _many(count: int = 1000) -> Plan:
    changes = [
        (
            _resource(f"topic-{n}"),
            Change(
                operation=[Operation.UPDATE, Operation.CREATE, Operation.DELETE][n % 3],
                properties=(_property("displayName", "a" * 200, "b" * 200),) if n % 3 == 0 else (),
            ),
        )
        for n in range(count)
    ]
    return _plan(REPLACED, *changes)


def test_a_thousand_changes_fit_and_what_is_missing_is_counted() -> None:
    """1: a comment too long for GitHub fails the job."""
    text = render(_many())
    assert len(text) <= LIMIT
    assert re.search(r"… \d+ more entries in the complete text", text)


def test_what_is_shortened_is_the_end_of_the_least_important() -> None:
    """2: elsewhere the summary, which comes last, is lost."""
    text, whole = render(_many()), render(_many(), limit=None)
    assert text.startswith("## 🔴 dev: not safe")
    assert text.endswith(f"{marker('dev')}\n")
    assert text.partition("### Changed")[0] == whole.partition("### Changed")[0]
    assert "_… 333 more entries in the complete text._" in text.partition("Created")[2]
    assert "more entr" not in whole


def test_even_the_worst_fits() -> None:
    errors = tuple(f"{n}: " + "x" * 5_000 for n in range(100))
    plan = replace(_many(3_000), errors=errors, policies=_report())
    assert len(render(plan)) <= LIMIT


def test_what_does_not_change_is_not_listed() -> None:
    """3: two hundred unchanged resources hide the two that change."""
    text = render(_plan(CREATED, (_resource("steady"), Change(operation=Operation.SAME))))
    assert "steady" not in text
    assert "1 unchanged" in text


def test_the_summary_comes_before_the_details() -> None:
    """4."""
    text = comment("replaced")
    parts = ["## 🔴", "**~", "### Deleted or replaced", "### Changed", "<summary>Created", marker("dev")]
    assert sorted(parts, key=text.index) == parts


def test_a_change_that_becomes_empty_is_told() -> None:
    """5: the comment about an earlier commit stays, because nothing writes that there is nothing."""
    text = comment("unchanged")
    assert text.startswith("## 🟢 dev: no changes")
    assert text.endswith(f"{marker('dev')}\n")


def test_a_comment_is_found_by_the_stack_that_it_is_about() -> None:
    """6: several comments instead of one that is edited."""
    assert marker("production") == "<!-- syncup preview production -->"
    assert render(_plan()).splitlines()[-1] == marker("dev")
    assert marker("a --> b") == "<!-- syncup preview a - - b -->"


def test_outputs_of_the_stack_are_not_told() -> None:
    """7."""
    assert "export" not in comment("created")
    assert "variant" not in comment("created")


def test_what_forces_a_replacement_is_told_with_its_values() -> None:
    """8."""
    row = next(line for line in render(_plan(REPLACED)).splitlines() if line.startswith("| ±"))
    assert row == (
        "| ± likely replaced | `rds.Instance` `db` | `storage_encrypted` `false` → `true` "
        "| **the database** | no |"
    )


def test_what_is_lost_comes_first_and_is_named() -> None:
    """9: that data goes looks harmless."""
    rows = [line for line in render(_plan(DELETED, REPLACED)).splitlines() if line.startswith(("| -", "| ±"))]
    assert "**the database**" in rows[0]
    assert rows[1].endswith("| no longer declared | no | no |")


def test_what_is_protected_is_told() -> None:
    guarded = (LOST[0], replace(LOST[1], protected=True))
    assert "| **the database** | yes: the update stops here |" in render(_plan(guarded))
    bared = (_resource("db", DATABASE), Change(operation=Operation.SAME, unprotected=True))
    assert "### Protection taken off\n\n- `rds.Instance` `db`" in render(_plan(bared))


def test_who_renames_is_told_of_the_alias() -> None:
    renamed = (_resource("database", DATABASE), Change(operation=Operation.CREATE))
    assert "no longer declared; `database` is new: to rename, give it an alias" in render(
        _plan(LOST, renamed)
    )


def test_who_moves_is_told_of_the_alias() -> None:
    moved = replace(LOST[0], urn="urn:moved", parent="urn:elsewhere")
    text = render(_plan(LOST, (moved, Change(operation=Operation.CREATE))))
    assert "new in another component: to move it, give it an alias" in text


PLACES: dict[str, PropertyChange] = {
    "added": _property("password", new=Secret(HUSH), kind=Kind.ADD),
    "removed": _property("password", old=Secret(HUSH), kind=Kind.DELETE),
    "old value": _property("value", old=Secret(HUSH), new="plain"),
    "new value": _property("value", old="plain", new=Secret(HUSH)),
    "both values": _property("value", old=Secret(HUSH), new=Secret(f"{HUSH}!")),
    "nested": _property("tags", old={"a": {"b": Secret(HUSH)}}, new={"a": {"b": Secret("x")}, "c": "d"}),
    "in a list": _property("names", old=[Secret(HUSH), "a"], new=["b"]),
    "in a secret document": _property("policy", Secret(f'{{"a": "{HUSH}"}}'), Secret("{}")),
    "in a document": _property("policy", f'{{"a": "{HUSH}", "b": 1}}', f'{{"a": "{HUSH}", "b": 2}}'),
    "in a script": _property("userData", f"#!/bin/sh\nA={HUSH}\n", "#!/bin/sh\nA=b\n"),
    "in an encoded script": _property(
        "userData",
        base64.b64encode(f"#!/bin/sh\nA={HUSH}\n".encode()).decode(),
        base64.b64encode(b"#!/bin/sh\nA=plainly-other\n").decode(),
    ),
    "in a text": _property("displayName", f"it is {HUSH}", "it is not"),
}


@pytest.mark.parametrize("place", sorted(PLACES))
@pytest.mark.parametrize("limit", [LIMIT, None])
def test_a_secret_is_nowhere(place: str, limit: int | None) -> None:
    """10: also where it is part of what nobody marked, since it is known from where somebody did."""
    plan = _updating(PLACES[place])
    known = replace(STACK, inputs={"known": Secret(HUSH)})
    plan = replace(plan, graph=Graph((known, *plan.graph.resources[1:])))
    text = render(plan, limit=limit)
    assert HUSH not in text
    assert base64.b64encode(f"#!/bin/sh\nA={HUSH}\n".encode()).decode() not in text
    assert HUSH not in _terminal(plan)


@pytest.mark.parametrize("place", ["both values", "in a secret document"])
def test_a_secret_that_changes_is_told(place: str) -> None:
    """11: the opposite: it changes, and the comment shows nothing."""
    assert re.search(r"`(value|policy)`: \[secret changed\]", render(_updating(PLACES[place])))


CREDENTIAL = "AKIA" + "Q3ZTPJ2MWDKYZ7BC"


@pytest.mark.parametrize(
    "property_",
    [
        _property("password", "Tr0ub4dor-and-3", "c0rrect-horse-battery"),
        _property("displayName", "a", f"use {CREDENTIAL}"),
        _property("policy", "{}", json.dumps({"password": "Tr0ub4dor-and-3", "b": [CREDENTIAL]})),
        _property("userData", "a\nb\n", f"a\nexport DB_PASSWORD=Tr0ub4dor-and-3\nexport KEY={CREDENTIAL}\n"),
    ],
)
def test_a_credential_that_nobody_marked_is_not_shown(property_: PropertyChange) -> None:
    text = render(_updating(property_))
    assert not re.search(f"Tr0ub4dor|c0rrect|{CREDENTIAL}", text)
    assert "not shown: it looks like" in text


def test_what_is_told_needs_no_credentials() -> None:
    """12: a fork's pull request gets a comment too."""
    plan = comparison(lambda: rds.Instance("a", instance_class="x"), lambda: s3.Bucket("b"))
    text = render(plan)
    assert text.startswith("## 🔴 dev: not safe: data would be lost: the database (1 deleted)")
    assert "without an engine or credentials" in text


def test_tags_alone_are_folded_away() -> None:
    """13: the noise of tags."""
    tags = (
        _resource("it"),
        Change(operation=Operation.UPDATE, properties=(_property("tags", {}, {"a": "b"}),)),
    )
    text = render(_plan(tags))
    assert "### Changed" not in text
    assert "<summary>Only tags differ: 1 resource</summary>" in text


def test_what_only_the_cloud_knows_makes_no_noise() -> None:
    """13: computed outputs are not listed; an input that becomes unknown is told in two words."""
    assert "`topic_arn`" not in comment("updated")
    assert "`a` → `known later`" in render(_updating(_property("displayName", "a", UNKNOWN)))


def test_drift_is_told_apart_from_the_change() -> None:
    """14."""
    text = comment("drifted")
    assert text.startswith("## 🟢 dev: safe")
    assert "### Changed" not in text
    assert "<summary>Drift, which is no part of this change: 2 resources</summary>" in text


def test_a_replacement_that_the_program_does_not_cause_says_so() -> None:
    """15: the database is to be replaced, and nobody changed it."""
    change = Change(
        operation=Operation.REPLACE,
        properties=(_property("engineVersion", "16.6", "16.4", forces=True, own=False),),
    )
    text = render(_plan((_resource("db", DATABASE), change)))
    assert "not changed by the program: the cloud differs, or the provider is newer" in text


# --- text that others wrote --------------------------------------------------------------------------------

HOSTILE = "`x` <b>@team</b> #1 | [a](https://b) <!-- --> ![c](d) \n# e\u202e"


def _outside_code(text: str) -> str:
    """A comment without what is shown as it is."""
    without_blocks = re.sub(r"^ *(`{3,}).*?^ *\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", without_blocks)


@pytest.mark.parametrize(
    "plan",
    [
        _plan((_resource(HOSTILE), Change(operation=Operation.CREATE))),
        _plan((_resource(HOSTILE), Change(operation=Operation.DELETE))),
        _updating(_property("displayName", HOSTILE, f"{HOSTILE}!")),
        _updating(_property("displayName", HOSTILE, f"```\n{HOSTILE}\n`````\n@team")),
        _updating(PropertyChange(path=("tags", HOSTILE), kind=Kind.ADD, new=HOSTILE), _property("a", 1, 2)),
        _updating(_property("x", Asset("archive", "path", HOSTILE), Asset("archive", "path", "b"))),
        _plan(errors=(f"```\n{HOSTILE}",)),
        _plan(messages=(Message("warning", f"```\n{HOSTILE}"),)),
        _plan(CREATED, findings=(Finding("urn::" + HOSTILE, HOSTILE, Check.NOT_ALLOWED, HOSTILE, HOSTILE),)),
        _plan(
            CREATED,
            policies=Report(
                findings=(replace(_report().findings[0], urn=f"a::{HOSTILE}", problems=(HOSTILE,)),)
            ),
        ),
        replace(_plan(CREATED), stack=HOSTILE, against=HOSTILE, source=Source.COMPARISON),
    ],
)
def test_foreign_text_neither_formats_nor_links_nor_mentions(plan: Plan) -> None:
    text = render(plan)
    rest = _outside_code(text.removesuffix(f"{marker(plan.stack)}\n"))
    assert not re.search(r"@team|#1\b|<b>|<!--|\]\(http|(?<!\\)!\[|^# e", rest, re.MULTILINE)
    assert "\u202e" not in text
    assert marker(plan.stack).count("-->") == 1


def test_a_table_keeps_its_columns() -> None:
    text = render(_plan((_resource(HOSTILE), Change(operation=Operation.DELETE))))
    row = next(line for line in text.splitlines() if line.startswith("| -"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 6


# --- the rest ----------------------------------------------------------------------------------------------


def test_a_policy_that_blocks_is_told_with_its_fix() -> None:
    text = render(_plan(CREATED, policies=_report()))
    assert "**`sns-topic-encrypted` blocks** (high): Topics are encrypted" in text
    assert f"```python\n{RULE.fix}\n```" in text


def test_a_policy_that_a_thousand_resources_violate_has_room() -> None:
    found = _report().findings[0]
    many = tuple(replace(found, urn=f"urn::a::b::topic-{number}") for number in range(1000))
    plan = _plan(CREATED, policies=Report(findings=many))
    assert "- and 980 more in the complete text" in render(plan)
    assert "`topic-999`" in render(plan, limit=None)


def test_a_policy_that_advises_is_folded_and_what_is_excused_is_counted() -> None:
    findings = (*_report(level=Level.ADVISORY).findings, *_report(standing=Standing.EXEMPTED).findings)
    text = render(_plan(CREATED, policies=Report(findings=findings)))
    assert "<summary>Policies that advise: 1, 1 finding excused</summary>" in text
    assert "### Policies" not in text


def test_long_values_are_cut_where_they_differ_and_whole_in_the_complete_text() -> None:
    plan = _updating(_property("displayName", "a" * 100 + "b" + "c" * 100, "a" * 100 + "d" + "c" * 100))
    text = render(plan)
    assert re.search(r"`…a+bc+…` → `…a+dc+…`", text)
    assert "a" * 100 + "b" + "c" * 100 in render(plan, limit=None)


def test_a_difference_of_many_lines_is_cut_in_the_comment() -> None:
    old, new = ("\n".join(f"{letter}{n}" for n in range(100)) for letter in "ab")
    plan = _updating(_property("displayName", old, new))
    assert "160 more lines in the complete text" in render(plan)
    assert "+b99" in render(plan, limit=None)


def test_the_same_events_make_the_same_text() -> None:
    assert render(plan_of_log("replaced")) == render(plan_of_log("replaced"))


def test_resources_of_one_component_stand_together() -> None:
    text = comment("updated")
    assert text.index("#### `app`") < text.index("`sns.Topic` `topic`") < text.index("#### `data`")


def test_a_created_resource_is_named_where_it_belongs() -> None:
    plan = comparison(lambda: None, lambda: sns.Topic("it"))
    assert "- + `sns.Topic` `it`" in render(plan)
