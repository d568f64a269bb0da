"""A plan as JSON: what its schema says, without a secret, the same each time."""

import json
from typing import Any, cast

import pulumi
from jsonschema import Draft202012Validator
from pulumi_aws import rds, s3, ssm
from pulumi_random import RandomPassword

from policies.from_graph import stack_of
from policies.pack import read_pack
from preview.findings import Finding, Rule
from preview.graph import Graph
from preview.plan import Plan, of_program
from preview.reference import FILE, page, schema
from preview.render_json import document, render
from tests.preview.programs import declared
from tests.program.stacks import built

HUSH = "hush-hush"
Options = pulumi.ResourceOptions


def _plan(graph: Graph, *findings: Finding) -> Plan:
    return of_program("shop", "dev", graph, findings)


def _closed(part: Any) -> Any:
    """A schema that admits no key beside those that it describes."""
    if isinstance(part, dict):
        inner = {key: _closed(value) for key, value in cast("dict[str, Any]", part).items()}
        return {**inner, "additionalProperties": False} if "required" in inner else inner
    return [_closed(item) for item in cast("list[Any]", part)] if isinstance(part, list) else part


def _complaints(found: dict[str, Any]) -> list[str]:
    closed = _closed(schema())
    Draft202012Validator.check_schema(closed)
    validator: Any = Draft202012Validator(closed)
    errors = validator.iter_errors(json.loads(json.dumps(found)))
    return [f"{error.json_path}: {error.message[:200]}" for error in errors]


def _database(opts: Options) -> None:
    password = RandomPassword("password", length=20, opts=opts)
    database = rds.Instance(
        "db",
        instance_class="db.t4g.micro",
        password=password.result,
        tags={"Owner": pulumi.Output.secret(HUSH), "a.b": "c"},
        opts=Options.merge(opts, Options(protect=True, ignore_changes=["engineVersion"])),
    )
    ssm.Parameter("text", type="String", value=pulumi.Output.secret({"a": HUSH})["a"], opts=opts)
    ssm.Parameter(
        "address", type="String", insecure_value=database.address, tags={"a.b": database.arn}, opts=opts
    )
    pulumi.export("password", pulumi.Output.secret(HUSH))
    pulumi.export("address", database.address)


def _resource(plan: Plan, name: str) -> dict[str, Any]:
    (found,) = [resource for resource in document(plan)["resources"] if resource["name"] == name]
    return found


def test_production_fits_the_schema_and_the_schema_leaves_nothing_out() -> None:
    stack = built("production")
    pack = read_pack("production")
    report = pack.report(pack.judge(stack_of(stack.known.resources)))
    plan = Plan(
        project="syncup",
        stack="production",
        source=of_program("", "", stack.unknown, ()).source,
        graph=stack.unknown,
        changes=of_program("", "", stack.unknown, ()).changes,
        policies=report,
    )
    assert report.findings, "what is not there cannot be held against its schema"
    assert report.exemptions
    assert _complaints(document(plan)) == []


def test_what_is_wrong_fits_the_schema_too() -> None:
    findings = [Finding("urn:it", "a.b[0]", rule, "it is wrong", "put it right") for rule in Rule]
    assert _complaints(document(_plan(declared(_database), *findings))) == []


def test_the_page_is_made_from_the_schema() -> None:
    assert FILE.read_text(encoding="utf-8") == page(), f"{FILE.name} is stale: run `make docs`"


def test_no_secret_is_written() -> None:
    for known in (False, True):
        text = render(_plan(declared(_database, known=known)))
        assert HUSH not in text
        assert '"[secret]"' in text


def test_a_credential_that_nobody_marked_is_not_written() -> None:
    def declare(opts: Options) -> None:
        tags = {"ApiKey": "planted-4711", "Note": "redis://app:planted-4711@cache:6379"}
        ssm.Parameter("text", type="String", insecure_value="fine", tags=tags, opts=opts)

    inputs = _resource(_plan(declared(declare)), "text")["inputs"]
    assert inputs["insecureValue"] == "fine"
    assert inputs["tags"] == {
        "ApiKey": "[not shown: it looks like a password or a key, by its name]",
        "Note": "[not shown: it looks like an address with a password]",
    }


def test_secrets_and_unknown_values_are_marked_with_their_paths() -> None:
    plan = _plan(declared(_database))
    database, address = _resource(plan, "db"), _resource(plan, "address")
    assert database["inputs"]["tags"] == {"Owner": "[secret]", "a.b": "c"}
    assert database["secretInputs"] == ["password", "tags.Owner"]
    assert address["inputs"]["insecureValue"] == "[unknown]"
    assert address["unknownInputs"] == ["insecureValue", 'tags["a.b"]']
    assert document(plan)["outputs"] == {"address": "[unknown]", "password": "[secret]"}


def test_a_resource_says_where_it_belongs_and_what_it_needs() -> None:
    plan = _plan(declared(_database))
    group, database, address = (_resource(plan, name) for name in ("group", "db", "address"))
    assert database["parent"] == database["component"] == group["urn"]
    assert (group["component"], group["custom"], database["custom"]) == ("", False, True)
    assert address["dependencies"] == [database["urn"]]
    assert address["propertyDependencies"] == {
        "insecureValue": [database["urn"]],
        "tags": [database["urn"]],
    }
    assert (database["options"]["protect"], database["options"]["ignoreChanges"]) == (True, ["engineVersion"])


def test_files_are_named_and_texts_are_not_shown() -> None:
    def declare(opts: Options) -> None:
        s3.BucketObjectv2("file", bucket="b", source=pulumi.FileAsset("page.html"), opts=opts)
        s3.BucketObjectv2("text", bucket="b", source=pulumi.StringAsset(HUSH), opts=opts)

    plan = _plan(declared(declare))
    assert _resource(plan, "file")["inputs"]["source"] == {"asset": "page.html"}
    assert _resource(plan, "text")["inputs"]["source"] == {"asset": "[text]"}


def test_the_same_plan_is_the_same_text() -> None:
    assert render(_plan(declared(_database))) == render(_plan(declared(_database)))


def test_findings_are_told_in_full() -> None:
    finding = Finding("urn:it", "storage_type", Rule.NOT_ALLOWED, "it is none", "did you mean gp3?")
    found = document(_plan(declared(_database), finding))
    assert not found["fine"]
    assert found["findings"] == [
        {
            "urn": "urn:it",
            "path": "storage_type",
            "rule": "value-not-allowed",
            "problem": "it is none",
            "suggestion": "did you mean gp3?",
        }
    ]
