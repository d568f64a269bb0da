"""A project is evaluated as it lies in its folder; what keeps it from that is said with its place."""

import sys
from pathlib import Path

import pytest

from preview.findings import Rule
from preview.project import Evaluation, ProjectError, evaluate_project, find_project
from preview.values import UNKNOWN, Secret
from tests.preview.programs import project

TOPIC = """
    import pulumi
    from pulumi_aws import sns

    class Group(pulumi.ComponentResource):
        def __init__(self):
            super().__init__("test:index:Group", "group")

    below = pulumi.ResourceOptions(parent=Group())
    topic = sns.Topic("topic", display_name=pulumi.Config().get("name"), opts=below)
    pulumi.export("arn", topic.arn)
"""


def _refused(folder: Path) -> str:
    with pytest.raises(ProjectError) as caught:
        evaluate_project(folder, "dev")
    return str(caught.value)


def _rules(evaluation: Evaluation) -> list[Rule]:
    return [finding.rule for finding in evaluation.findings]


def test_a_project_is_found_from_below(tmp_path: Path) -> None:
    folder = project(tmp_path, "")
    (folder / "deep" / "down").mkdir(parents=True)
    assert find_project(folder / "deep" / "down") == find_project(folder) == folder


def test_a_folder_without_project_is_said(tmp_path: Path) -> None:
    with pytest.raises(
        ProjectError, match=r"^there is no Pulumi.yaml in .* or above: change to the project's"
    ):
        find_project(tmp_path)


def test_both_evaluations_declare_the_same(tmp_path: Path) -> None:
    found = evaluate_project(project(tmp_path, TOPIC, "config: {shop:name: Orders}"), "dev")
    assert (found.project, found.stack, found.findings) == ("shop", "dev", ())
    assert found.graph.by_urn.keys() == found.known.by_urn.keys()
    assert found.graph.one("aws:sns/topic:Topic")["displayName"] == "Orders"
    assert found.graph.stack_outputs["arn"] is UNKNOWN
    assert found.known.stack_outputs["arn"].startswith("arn:aws:sns:")


def test_a_resource_knows_its_line(tmp_path: Path) -> None:
    folder = project(tmp_path, TOPIC)
    line = next(
        n for n, text in enumerate((folder / "__main__.py").read_text().splitlines(), 1) if "Topic(" in text
    )
    graph = evaluate_project(folder, "dev").graph
    assert graph.one("aws:sns/topic:Topic").source == f"__main__.py:{line}"


def test_what_is_encrypted_is_never_shown(tmp_path: Path) -> None:
    stack_file = "config: {shop:name: {secure: v1:hush}}"
    found = evaluate_project(project(tmp_path, TOPIC.replace(".get(", ".get_secret("), stack_file), "dev")
    assert found.graph.one("aws:sns/topic:Topic")["displayName"] == Secret("[secret]")


def test_modules_of_the_project_run_in_every_evaluation_and_are_forgotten(tmp_path: Path) -> None:
    folder = project(tmp_path, "import declares_a_topic", **{"declares_a_topic.py": TOPIC})
    first, second = evaluate_project(folder, "dev"), evaluate_project(folder, "dev")
    assert first.findings == second.findings == ()
    assert first.graph.resources == second.graph.resources
    assert len(first.known.resources) == len(first.graph.resources)
    assert "declares_a_topic" not in sys.modules
    assert str(folder) not in sys.path


def test_a_program_finds_its_own_files(tmp_path: Path) -> None:
    program = "import pathlib, pulumi; pulumi.export('text', pathlib.Path('note.txt').read_text())"
    before = Path.cwd()
    found = evaluate_project(project(tmp_path, program, **{"note.txt": "here"}), "dev")
    assert found.graph.stack_outputs == {"text": "here"}
    assert Path.cwd() == before


def test_what_a_program_prints_is_printed_once_and_not_among_the_results(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate_project(project(tmp_path, "print('hello')"), "dev")
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "hello\n")


def test_lookups_are_answered_from_the_projects_fixtures(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": '[tool.syncup.preview]\nlookups = "tests.preview.lookups:LOOKUPS"\n',
        "__main__.py": """
            import pulumi
            from pulumi_aws import get_caller_identity
            pulumi.export("account", get_caller_identity().account_id)
        """,
    }
    found = evaluate_project(project(tmp_path, "", **files), "dev")
    assert found.graph.stack_outputs == {"account": "111122223333"}


def test_what_only_a_known_value_shows_is_found_and_each_thing_once(tmp_path: Path) -> None:
    program = (
        TOPIC
        + """
    sns.Topic("alone", display_name=topic.fifo_throughput_scope)
    sns.Topic("wrong", display_name=topic.arn, fifo_topic="yes", opts=below)
    """
    )
    found = evaluate_project(project(tmp_path, program), "dev")
    assert sorted(_rules(found)) == [Rule.MISSING_PARENT, Rule.WRONG_TYPE]


def test_files_that_a_build_makes_may_be_missing(tmp_path: Path) -> None:
    program = (
        TOPIC
        + """
    from pulumi_aws import s3
    for place in ("built/page.html", "pages/page.html"):
        s3.BucketObjectv2(place, bucket="b", source=pulumi.FileAsset(place), opts=below)
    """
    )
    folder = project(tmp_path, program, **{"pyproject.toml": '[tool.syncup.preview]\nbuilt = "built"\n'})
    found = evaluate_project(folder, "dev")
    assert [(finding.rule, finding.problem) for finding in found.findings] == [
        (Rule.MISSING_FILE, "there is no file pages/page.html")
    ]


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        ("1 / 0", "__main__.py:1: ZeroDivisionError: division by zero"),
        ("import helper", "helper.py:2: ValueError: it is broken"),
        ("x = (", "__main__.py:1: SyntaxError: '(' was never closed"),
        ("raise SystemExit(3)", "__main__.py: the program ends the process (status 3)"),
        ("import pulumi\nraise pulumi.RunError('it says so itself')", "it says so itself"),
        ("raise ValueError('one\\n  two')", "__main__.py:1: ValueError: one two"),
    ],
)
def test_a_program_that_fails_says_where(tmp_path: Path, program: str, complaint: str) -> None:
    helper = "def fail():\n    raise ValueError('it is broken')\nfail()\n"
    assert _refused(project(tmp_path, program, **{"helper.py": helper})) == complaint


def test_an_error_quotes_no_secret(tmp_path: Path) -> None:
    program = """
    import pulumi
    from pulumi_aws import sns

    sns.Topic("topic", display_name=pulumi.Output.secret("hush-hush"))
    raise ValueError("no answer from hush-hush: ")
    """
    assert _refused(project(tmp_path, program)) == "__main__.py:6: ValueError: no answer from [secret]:"
    program = "raise ValueError('no answer from redis://app:hush-hush-1@cache:6379')"
    complaint = _refused(project(tmp_path, program))
    assert complaint == "__main__.py:1: ValueError: [not shown: it looks like an address with a password]"


def test_a_missing_argument_says_which_and_where(tmp_path: Path) -> None:
    program = "from pulumi_aws import ec2\n\nec2.Route('route')\n"
    complaint = _refused(project(tmp_path, program))
    assert complaint.startswith("__main__.py:3: TypeError: ")
    assert "route_table_id" in complaint


def test_two_of_one_name_are_refused_with_the_urn(tmp_path: Path) -> None:
    complaint = _refused(project(tmp_path, TOPIC + '    sns.Topic("topic", opts=below)\n'))
    assert complaint.startswith("two resources have the URN urn:pulumi:dev::shop::test:index:Group$aws:sns")


def test_a_lookup_that_nobody_answers_is_refused(tmp_path: Path) -> None:
    complaint = _refused(project(tmp_path, "from pulumi_aws import get_region\nget_region()\n"))
    assert "aws:index/getRegion:getRegion, which only a cloud could answer" in complaint
    assert "\n" not in complaint


def test_a_tab_is_said_with_its_line(tmp_path: Path) -> None:
    folder = project(tmp_path, TOPIC, "config:\n\tshop:name: Orders\n")
    assert _refused(folder) == "Pulumi.dev.yaml:2: the line begins with a tab: indent with spaces"


def test_a_stack_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as caught:
        evaluate_project(project(tmp_path, TOPIC), "prod")
    assert str(caught.value) == "Pulumi.prod.yaml: there is no stack prod: the stacks are dev"


def test_a_program_that_is_missing_is_said(tmp_path: Path) -> None:
    folder = project(tmp_path, "")
    (folder / "Pulumi.yaml").write_text("{name: shop, main: program}")
    assert (
        _refused(folder) == "program/__main__.py: the file is missing: it is the program of the project shop"
    )
