"""A plan for people: every resource on one line, totals, what is not known yet, what is wrong; no secret."""

import io

import pulumi
import pytest
from pulumi_aws import ec2, rds, s3, sns
from pulumi_random import RandomPassword
from rich.console import Console

from preview.findings import Finding, Rule
from preview.graph import Graph
from preview.plan import Change, Kind, Operation, Plan, PropertyChange, Source, of_program
from preview.render_terminal import console, render, render_verdict
from tests.preview.programs import declared
from tests.program.stacks import built

HUSH = "hush-hush"
Options = pulumi.ResourceOptions


class _Terminal(io.StringIO):
    """Takes what is printed, and says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def _printed(plan: Plan, width: int = 120) -> str:
    file = io.StringIO()
    render(plan, Console(file=file, width=width, highlight=False))
    return file.getvalue()


def _plan(graph: Graph, *findings: Finding) -> Plan:
    return of_program("shop", "dev", graph, findings)


def _shop(opts: Options) -> None:
    network = ec2.Vpc("network", cidr_block="10.0.0.0/16", opts=opts)
    ec2.Subnet("subnet", vpc_id=network.id, cidr_block="10.0.0.0/24", opts=opts)
    word = RandomPassword("word", length=20, opts=opts)
    rds.Instance(
        "database",
        instance_class="db.t4g.micro",
        password=word.result,
        tags={"Word": pulumi.Output.secret(HUSH)},
        opts=Options.merge(opts, Options(protect=True)),
    )
    s3.BucketServerSideEncryptionConfiguration(
        "a-name-that-is-so-long-that-it-does-not-fit",
        bucket="b",
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms"}}],
        opts=opts,
    )


def test_the_tree_has_every_resource_with_its_type() -> None:
    lines = _printed(_plan(declared(_shop))).splitlines()
    assert lines[0] == "shop dev  as if nothing existed yet  + create"
    assert "└── group  test.Group" in lines
    assert "    ├── + network  ec2.Vpc" in lines
    assert "    ├── + database  rds.Instance  protected" in lines
    assert "    └── + word  random.RandomPassword" in lines


@pytest.mark.parametrize("width", [80, 100, 120])
def test_no_line_of_production_is_wider_than_its_terminal(width: int) -> None:
    stack = built("production")
    plan = of_program("syncup", "production", stack.unknown, ())
    lines = _printed(plan, width).splitlines()
    assert [line for line in lines if len(line) > width] == []
    in_tree = [line for line in lines if "── " in line]
    assert len(in_tree) == plan.totals.resources + plan.totals.components


def test_what_does_not_fit_loses_its_service_then_the_middle_of_its_name() -> None:
    plan = _plan(declared(_shop))
    name, token = "a-name-that-is-so-long-that-it-does-not-fit", "BucketServerSideEncryptionConfiguration"
    assert f"+ {name}  s3.{token}" in _printed(plan, 120)
    assert f"+ {name}  {token}" in _printed(plan, 95)
    assert f"+ a-name-that-is…t-does-not-fit  {token}" in _printed(plan, 80)


def test_each_component_says_what_it_waits_for() -> None:
    text = _printed(_plan(declared(_shop)))
    assert "component  resources  known later  mostly" in text
    assert "group              5            2  password 1, vpc_id 1" in text
    assert "in all             5            2" in text


def test_types_are_counted_by_provider_and_service() -> None:
    text = _printed(_plan(declared(_shop)))
    assert "aws  4 resources of 4 types\n  ec2  2  Subnet, Vpc\n  rds  1  Instance\n" in text
    assert "random  1 resource of 1 type\n  1  RandomPassword\n" in text


def test_a_list_of_types_breaks_between_them() -> None:
    stack = built("production")
    text = _printed(of_program("syncup", "production", stack.unknown, ()), 80)
    after = text.split("\n  cloudwatch ")[1].split("\n  codebuild ")[0]
    assert len(after.splitlines()) > 1
    assert all(line.rstrip().endswith(",") for line in after.splitlines()[:-1])


def test_the_verdict_comes_last() -> None:
    assert _printed(_plan(declared(_shop))).endswith(
        "\nNo errors: 5 resources in 1 component (5 to create).\n"
    )


def test_what_is_wrong_says_where_and_what_would_be_right() -> None:
    graph = declared(_shop)
    database = graph.one("aws:rds/instance:Instance")
    finding = Finding(
        database.urn, "storage_type", Rule.NOT_ALLOWED, "its value is none", "did you mean gp3?"
    )
    lines = _printed(_plan(graph, finding)).splitlines()
    index = next(number for number, line in enumerate(lines) if line.startswith("✗"))
    place = f"✗ aws.rds.Instance database  storage_type  {database.source}"
    assert lines[index : index + 3] == [place, "  its value is none", "  did you mean gp3?"]
    assert lines[-1] == "1 error in 5 resources in 1 component (5 to create)."


def test_the_verdict_can_be_had_alone() -> None:
    file = io.StringIO()
    render_verdict(_plan(declared(_shop)), console(file))
    assert file.getvalue() == "No errors: 5 resources in 1 component (5 to create).\n"


def test_no_secret_is_printed() -> None:
    for known in (False, True):
        assert HUSH not in _printed(_plan(declared(_shop, known=known)))


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    plan = _plan(declared(_shop))
    plain, terminal = io.StringIO(), _Terminal()
    render(plan, console(plain))
    render(plan, console(terminal))
    assert "\x1b[" not in plain.getvalue()
    assert "\x1b[" in terminal.getvalue()


def test_a_replacement_says_what_forces_it() -> None:
    graph = declared(lambda opts: sns.Topic("topic", opts=opts))
    topic, group = graph.one("aws:sns/topic:Topic").urn, graph.one("test:index:Group").urn
    same = Change(operation=Operation.SAME)
    changes = {
        **dict.fromkeys(graph.by_urn, same),
        group: same,
        topic: Change(
            operation=Operation.REPLACE,
            properties=(
                PropertyChange(path=("name",), kind=Kind.UPDATE, forces=True),
                PropertyChange(path=("tags",), kind=Kind.UPDATE),
            ),
        ),
    }
    plan = Plan(project="shop", stack="dev", source=Source.ENGINE, graph=graph, changes=changes)
    text = _printed(plan)
    assert "shop dev  against the stack's state  ± replace" in text
    assert "± topic  sns.Topic  forced by name" in text


def test_what_the_program_logged_is_shown() -> None:
    graph = declared(lambda _opts: pulumi.log.warn("it is late"))
    assert "warning: it is late\n" in _printed(_plan(graph))
