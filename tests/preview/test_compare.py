"""Two revisions are compared as an update would carry the change out."""

import base64
import json
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi_aws import cloudfront, ec2, iam, kms, lambda_, rds, s3, sns, ssm

from preview.plan import Change, Kind, Operation, Plan, PropertyChange, Source
from preview.values import Secret
from tests.preview.comparing import carry, change_of, comparison
from tests.preview.programs import Group, with_value

HUSH = "hush-hush-hush"
Options = pulumi.ResourceOptions


def _topic(name: str = "topic", opts: Options | None = None, **inputs: Any) -> Callable[[], Any]:
    return lambda: sns.Topic(name, opts=opts, **inputs)


def _database(name: str = "db", opts: Options | None = None, **inputs: Any) -> rds.Instance:
    given: dict[str, Any] = {"instance_class": "db.t4g.micro", "engine": "postgres", **inputs}
    return rds.Instance(name, rds.InstanceArgs(**given), opts)


def _between(before: Callable[[], Any], after: Callable[[], Any]) -> Change:
    """The change of the resource `it`."""
    return change_of(comparison(before, after), "it")


def test_what_is_the_same_does_not_change() -> None:
    plan = comparison(_topic(), _topic())
    assert {change.operation for change in plan.changes.values()} == {Operation.SAME}
    assert (plan.source, plan.against) == (Source.COMPARISON, "abc123")


def test_what_is_new_is_created_and_what_is_gone_is_deleted() -> None:
    plan = comparison(_topic("old", Options(protect=True)), _topic("new"))
    assert change_of(plan, "new").operation is Operation.CREATE
    assert change_of(plan, "old") == Change(operation=Operation.DELETE, protected=True)
    assert [resource.name for resource in plan.graph.resources] == ["shop-dev", "new", "old"]


def test_what_differs_is_told_by_its_path() -> None:
    change = _between(
        _topic("it", display_name="a", tags={"One": "1", "Two": "2"}),
        _topic("it", display_name="b", tags={"Two": "3", "Three": "3"}),
    )
    assert change.operation is Operation.UPDATE
    assert change.properties == (
        PropertyChange(path=("displayName",), kind=Kind.UPDATE, old="a", new="b"),
        PropertyChange(path=("tags", "One"), kind=Kind.DELETE, old="1"),
        PropertyChange(path=("tags", "Three"), kind=Kind.ADD, new="3"),
        PropertyChange(path=("tags", "Two"), kind=Kind.UPDATE, old="2", new="3"),
    )


def test_what_the_provider_cannot_change_is_likely_replaced() -> None:
    change = _between(
        lambda: _database("it", Options(protect=True), storage_encrypted=False),
        lambda: _database("it", storage_encrypted=True, instance_class="db.t4g.small"),
    )
    assert (change.operation, change.likely, change.forced_by) == (
        Operation.REPLACE,
        True,
        ("storageEncrypted",),
    )
    assert set(change.changed) == {"storageEncrypted", "instanceClass"}
    assert change.protected
    assert change.unprotected


def test_what_the_program_wants_replaced_is_replaced() -> None:
    opts = Options(replace_on_changes=["display_name"])
    change = _between(_topic("it", opts, display_name="a"), _topic("it", opts, display_name="b"))
    assert change.operation is Operation.REPLACE


def test_what_is_ignored_does_not_change() -> None:
    opts = Options(ignore_changes=["display_name", 'tags["Two"]'])
    before = _topic("it", opts, display_name="a", tags={"Two": "2"})
    assert (
        _between(before, _topic("it", opts, display_name="b", tags={"Two": "3"})).operation is Operation.SAME
    )


def test_what_depends_on_a_replaced_resource_and_cannot_change_is_replaced_too() -> None:
    def program(cidr: str) -> None:
        vpc = ec2.Vpc("vpc", cidr_block=cidr)
        subnet = ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24")
        ec2.Instance("instance", subnet_id=subnet.id, ami="ami-1", instance_type="t4g.micro")
        ssm.Parameter("parameter", type="String", insecure_value=vpc.id)

    plan = comparison(partial(program, "10.0.0.0/16"), partial(program, "10.0.0.0/20"))
    replaced = {r.name for r in plan.resources if plan.changes[r.urn].operation is Operation.REPLACE}
    assert replaced == {"vpc", "subnet", "instance"}
    assert change_of(plan, "instance").forced_by == ("subnetId",)
    assert change_of(plan, "parameter").operation is Operation.SAME


# --- names -------------------------------------------------------------------------------------------------


def test_a_name_that_an_alias_keeps_is_no_replacement() -> None:
    def program(name: str, opts: Options | None = None) -> None:
        bucket = s3.Bucket(name, opts=opts)
        ssm.Parameter("parameter", type="String", insecure_value=bucket.arn)
        iam.Policy("policy", policy=with_value(bucket.arn, lambda arn: json.dumps({"Resource": arn})))

    renamed = Options(aliases=[pulumi.Alias(name="files")])
    plan = comparison(partial(program, "files"), partial(program, "documents", renamed))
    assert {change.operation for change in plan.changes.values()} == {Operation.SAME}
    assert change_of(plan, "documents").renamed_from.endswith("::files")


def test_without_an_alias_a_new_name_deletes_and_creates() -> None:
    plan = comparison(lambda: _database("database"), lambda: _database("db"))
    assert change_of(plan, "database").operation is Operation.DELETE
    assert [resource.name for resource in plan.losses] == ["database"]


def test_children_follow_the_new_name_of_their_component() -> None:
    def program(name: str, opts: Options | None = None) -> None:
        group = Group(name, opts)
        for topic in (f"{name}-orders", "events"):
            sns.Topic(topic, opts=Options(parent=group))

    renamed = Options(aliases=[pulumi.Alias(name="old")])
    plan = comparison(partial(program, "old"), partial(program, "new", renamed))
    assert {change.operation for change in plan.changes.values()} == {Operation.SAME}
    assert change_of(plan, "new-orders").renamed_from.endswith("::old-orders")


# --- what is no change -------------------------------------------------------------------------------------


def _policy(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


SAME_POLICIES: Mapping[str, tuple[Any, Any]] = {
    "actions": (_policy(Action=["s3:Get*", "s3:Put*"]), _policy(Action=["s3:Put*", "s3:Get*"])),
    "a single action": (_policy(Action="s3:Get*", Resource="*"), _policy(Action=["s3:Get*"], Resource=["*"])),
    "principals": (_policy(Principal={"AWS": ["b", "a"]}), _policy(Principal={"AWS": ["a", "b"]})),
    "conditions": (
        _policy(Condition={"Bool": {"aws:SecureTransport": False}}),
        _policy(Condition={"Bool": {"aws:SecureTransport": ["false"]}}),
    ),
    "statements": (
        {"Statement": [{"Sid": "A"}, {"Sid": "B"}]},
        {"Statement": [{"Sid": "B"}, {"Sid": "A"}]},
    ),
    "one statement": ({"Statement": {"Sid": "A"}}, {"Statement": [{"Sid": "A"}]}),
}


@pytest.mark.parametrize("name", sorted(SAME_POLICIES))
def test_a_policy_that_says_the_same_is_the_same(name: str) -> None:
    old, new = SAME_POLICIES[name]
    before = lambda: iam.Policy("it", policy=json.dumps(old))  # noqa: E731 (one of two)
    assert (
        _between(before, lambda: iam.Policy("it", policy=json.dumps(new, indent=2))).operation
        is Operation.SAME
    )


def test_a_policy_that_says_more_differs() -> None:
    old, new = _policy(Action=["s3:Get*"]), _policy(Action=["s3:*"])
    change = _between(
        lambda: iam.Policy("it", policy=json.dumps(old)), lambda: iam.Policy("it", policy=json.dumps(new))
    )
    assert change.changed == ("policy",)


def test_the_order_of_a_set_is_no_change_and_that_of_a_list_is_one() -> None:
    def group(*ports: int) -> None:
        rules = [ec2.SecurityGroupIngressArgs(protocol="tcp", from_port=p, to_port=p) for p in ports]
        ec2.SecurityGroup("it", ingress=rules)

    def function(*layers: str) -> None:
        lambda_.Function("it", role="r", layers=list(layers))

    assert _between(partial(group, 80, 443), partial(group, 443, 80)).operation is Operation.SAME
    assert _between(partial(group, 80, 443), partial(group, 443)).changed == ("ingress",)
    arns = ("arn:aws:a:b:c:d:e", "arn:aws:a:b:c:d:f")
    assert _between(partial(function, *arns), partial(function, *arns[::-1])).operation is Operation.UPDATE


def _text(value: str) -> Callable[[], Any]:
    return lambda: ssm.Parameter("it", type="String", insecure_value=value)


def test_a_json_document_in_another_form_is_the_same() -> None:
    before = _text('{"a": 1, "b": [2]}')
    assert _between(before, _text('{"b":[2],"a":1}')).operation is Operation.SAME
    assert _between(before, _text('{"b":[3],"a":1}')).operation is Operation.UPDATE


def _packed(folder: Path, content: str, day: int) -> Path:
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / "code.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("main.py", (2026, 1, day, 0, 0, 0)), content)
    return folder


def test_an_archive_packed_anew_is_the_same_and_one_with_other_content_is_not(tmp_path: Path) -> None:
    def program(folder: Path) -> Any:
        return lambda_.Function("it", role="r", code=pulumi.FileArchive(str(folder / "code.zip")))

    then, now = _packed(tmp_path / "then", "a", 1), _packed(tmp_path / "now", "a", 2)
    plan = comparison(partial(program, then), partial(program, now), there=then, here=now)
    assert change_of(plan, "it").operation is Operation.SAME
    other = _packed(tmp_path / "other", "b", 1)
    plan = comparison(partial(program, then), partial(program, other), there=then, here=other)
    assert change_of(plan, "it").changed == ("code",)


def test_files_are_named_from_the_project_wherever_it_lies(tmp_path: Path) -> None:
    def program(folder: Path) -> Any:
        return lambda_.Function("it", role="r", code=pulumi.FileArchive(str(folder / "build" / "a.zip")))

    there, here = tmp_path / "there", tmp_path / "here"
    plan = comparison(partial(program, there), partial(program, here), there=there, here=here)
    assert change_of(plan, "it").operation is Operation.SAME


# --- what only the cloud knows -----------------------------------------------------------------------------


def test_a_script_with_unknown_values_differs_where_its_lines_do() -> None:
    def program(port: int) -> None:
        key = kms.Key("key")
        lines = with_value(key.arn, lambda arn: f"KEY={arn}\nPORT={port}\n")
        script = with_value(lines, lambda text: base64.b64encode(text.encode()).decode())
        ec2.LaunchTemplate("it", user_data=script)

    assert _between(partial(program, 80), partial(program, 80)).operation is Operation.SAME
    (property_,) = _between(partial(program, 80), partial(program, 81)).properties
    assert property_.path == ("userData",)
    assert property_.stand_in


def test_another_resource_in_the_place_of_one_differs() -> None:
    def program(used: int) -> None:
        keys = [kms.Key(f"key-{number}") for number in range(2)]
        cloudfront.KeyGroup("it", items=[keys[used].id], name="group")

    assert _between(partial(program, 0), partial(program, 1)).changed == ("items",)


# --- secrets -----------------------------------------------------------------------------------------------


def _secretly(word: str) -> Callable[[], Any]:
    def program() -> None:
        secret = pulumi.Output.secret(word)
        ssm.Parameter(
            "it", type="SecureString", value=secret, tags={"Note": secret, "Plain": f"it is {word}"}
        )

    return program


def test_secrets_that_differ_differ_and_no_secret_is_carried() -> None:
    assert _between(_secretly(HUSH), _secretly(HUSH)).operation is Operation.SAME
    change = _between(_secretly(HUSH), _secretly("another-one"))
    assert change.changed == ("tags.Note", "tags.Plain", "value")
    assert {type(one.new) for one in change.properties if one.secret} == {Secret}
    assert HUSH not in json.dumps(carry(_secretly(HUSH)))


def test_digests_of_two_comparisons_have_nothing_in_common() -> None:
    """Who has the digests of one comparison cannot look for the same secret in another."""
    first, second = (json.dumps(carry(_secretly(HUSH), salt=salt)) for salt in (b"one", b"two"))
    assert first != second


# --- everything, at once -----------------------------------------------------------------------------------


def test_a_map_with_keys_that_look_like_marks_is_carried_whole() -> None:
    before, after = ({"$secret": "a", "Name": "b"}, {"$secret": "c", "Name": "b"})
    assert _between(_topic("it", tags=before), _topic("it", tags=before)).operation is Operation.SAME
    assert len(_between(_topic("it", tags=before), _topic("it", tags=after)).properties) == 1


def test_what_is_read_is_neither_created_nor_deleted() -> None:
    def reading(name: str) -> Plan:
        return comparison(lambda: None, lambda: sns.Topic.get(name, "arn:aws:sns:us-east-1:123456789012:a"))

    assert change_of(reading("it"), "it").operation is Operation.READ
    plan = comparison(lambda: sns.Topic.get("it", "arn:aws:sns:us-east-1:123456789012:a"), lambda: None)
    assert change_of(plan, "it").operation is Operation.FORGET
