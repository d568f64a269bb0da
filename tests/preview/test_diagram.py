"""The architecture as pictures: what is drawn, what is left out, and that the page fits the program."""

from collections.abc import Callable

import pulumi
from pulumi_aws import ec2, s3, vpc

from infra.reading import ROOT
from preview.diagram import Arrow, Kind, Picture, pictures
from preview.evaluate import evaluate
from preview.render_mermaid import page, render
from tests.program.stacks import built

PAGE = ROOT / "docs" / "architecture.md"


class _Part(pulumi.ComponentResource):
    def __init__(self, layer: str, name: str, parent: pulumi.Resource | None = None) -> None:
        super().__init__(f"shop:{layer}:Part", name, opts=pulumi.ResourceOptions(parent=parent))

    @property
    def inside(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)


def _drawn(program: Callable[[], object]) -> dict[str, Picture]:
    graph = evaluate(program, project="shop", stack="dev", known=False)
    return {picture.title: picture for picture in pictures(graph)}


def _said(picture: Picture) -> list[tuple[str, str, str]]:
    """Its arrows, by the names of the boxes."""
    names = {box.urn: box.name for boxes in picture.groups.values() for box in boxes}

    def line(arrow: Arrow) -> str:
        return ",".join(map(str, arrow.ports)) if arrow.kind is Kind.TALKS else "uses"

    return [(names[arrow.source], line(arrow), names[arrow.target]) for arrow in picture.arrows]


def _shop() -> None:
    """A front that talks to a store by its port, and reads a bucket of the store's archive."""
    walls, front, store = _Part("network", "walls"), _Part("web", "front"), _Part("data", "store")
    inner = _Part("data", "store-archive", parent=store)
    one, other = (ec2.SecurityGroup(name, opts=walls.inside) for name in ("ours", "theirs"))
    vpc.SecurityGroupIngressRule(
        "in",
        security_group_id=other.id,
        referenced_security_group_id=one.id,
        ip_protocol="tcp",
        from_port=5432,
        to_port=5432,
        opts=walls.inside,
    )
    for name, group, part in (("host", one, front), ("server", other, store)):
        ec2.Instance(
            name,
            ami="ami-0a1b2c3d4e5f60718",
            instance_type="t4g.nano",
            vpc_security_group_ids=[group.id],
            opts=part.inside,
        )
    bucket = s3.Bucket("archive", opts=inner.inside)
    s3.BucketVersioning(
        "versions",
        bucket=bucket.id,
        versioning_configuration={"status": "Enabled"},
        opts=_Part("web", "reader").inside,
    )


def test_who_is_admitted_by_a_security_group_is_drawn_with_the_port() -> None:
    assert ("front", "5432", "store") in _said(_drawn(_shop)["overview"])


def test_who_refers_to_another_component_is_drawn_between_the_outermost() -> None:
    assert ("reader", "uses", "store") in _said(_drawn(_shop)["overview"])


def test_a_layer_shows_what_is_inside_its_components_and_its_neighbours_as_one_box_each() -> None:
    data = _drawn(_shop)["data"]
    assert {box.name: (box.holds, box.outside) for boxes in data.groups.values() for box in boxes} == {
        "store": ("Instance", False),
        "store-archive": ("Bucket", False),
        "front": ("", True),
        "reader": ("", True),
        "walls": ("", True),
    }
    assert ("reader", "uses", "store-archive") in _said(data)


def test_what_very_many_components_use_is_told_in_words() -> None:
    def program() -> None:
        topic = s3.Bucket("bucket", opts=_Part("base", "base").inside)
        for number in range(8):
            s3.BucketVersioning(
                f"versions-{number}",
                bucket=topic.id,
                versioning_configuration={"status": "Enabled"},
                opts=_Part("web", f"part-{number}").inside,
            )

    overview = _drawn(program)["overview"]
    assert (list(overview.shared), list(overview.arrows)) == (["base"], [])


def test_components_without_an_arrow_share_a_box() -> None:
    def program() -> None:
        for name in ("lone", "alone"):
            s3.Bucket(name, opts=_Part("web", name).inside)

    assert [box.name for box in _drawn(program)["overview"].groups["web"]] == ["alone, lone"]


def test_a_name_cannot_end_its_box() -> None:
    drawn = _drawn(lambda: s3.Bucket("bucket", opts=_Part("web", 'a"]; b["').inside))
    assert 'n0["a#quot;]; b[#quot;"]' in render(drawn["overview"])


def test_a_program_without_components_is_an_empty_picture() -> None:
    drawn = _drawn(lambda: s3.Bucket("bucket"))
    assert [(title, render(picture)) for title, picture in drawn.items()] == [("overview", "flowchart LR\n")]


def test_every_arrow_leads_from_a_box_to_a_box() -> None:
    for picture in pictures(built("production").unknown):
        boxes = {box.urn for group in picture.groups.values() for box in group}
        assert {end for arrow in picture.arrows for end in (arrow.source, arrow.target)} <= boxes


def test_no_picture_of_production_has_more_than_a_glance_takes() -> None:
    sizes = {
        picture.title: (sum(map(len, picture.groups.values())), len(picture.arrows))
        for picture in pictures(built("production").unknown)
    }
    assert {title: size for title, size in sizes.items() if max(size) > 40} == {}


def test_the_page_fits_the_program() -> None:
    drawn = page("production", pictures(built("production").unknown))
    assert PAGE.read_text(encoding="utf-8") == drawn, "stale: run `make docs`"
