"""What the base gives every child, and nobody has to remember."""

from collections.abc import Callable

from pulumi_aws import autoscaling, iam, s3, sns

from components.base import Component
from components.context import Context
from tests.harness import build, context


class Example(Component):
    """A component with children, and one of its own kind below."""

    def __init__(self, context: Context, children: Callable[["Example"], None]) -> None:
        super().__init__("syncup:test:Example", "example", context)
        children(self)
        self.register_outputs({})


def test_every_child_carries_the_environments_tags_and_its_name() -> None:
    graph = build(lambda: Example(context(), lambda self: _topic(self, {"Own": "yes"})))
    assert graph.one("aws:sns/topic:Topic")["tags"] == {
        "Environment": "test",
        "Name": "syncup-test-topic",
        "Own": "yes",
        "Project": "syncup",
    }


def test_what_holds_data_is_protected_and_what_does_not_is_free() -> None:
    def children(self: Example) -> None:
        s3.Bucket("bucket", opts=self.child())
        _topic(self, {})

    graph = build(lambda: Example(context(), children))
    assert graph.one("aws:s3/bucket:Bucket").options.protect
    assert not graph.one("aws:sns/topic:Topic").options.protect


def test_a_copy_that_says_so_is_free() -> None:
    def children(self: Example) -> None:
        s3.Bucket("bucket", opts=self.child(protect=False))

    graph = build(lambda: Example(context(), children))
    assert not graph.one("aws:s3/bucket:Bucket").options.protect


def test_an_environment_that_does_not_protect_leaves_all_free() -> None:
    def children(self: Example) -> None:
        s3.Bucket("bucket", opts=self.child())

    graph = build(lambda: Example(context(protect=False), children))
    assert not graph.one("aws:s3/bucket:Bucket").options.protect


def test_properties_of_other_owners_are_ignored() -> None:
    owned = {"aws:sns/topic:Topic": ("display_name",)}
    graph = build(lambda: Example(context(not_managed=owned), lambda self: _topic(self, {})))
    assert graph.one("aws:sns/topic:Topic").options.ignore_changes == ("displayName",)


def test_a_role_has_the_boundary_without_which_it_cannot_be_made() -> None:
    def children(self: Example) -> None:
        iam.Role("role", assume_role_policy="{}", opts=self.child())
        iam.InstanceProfile("profile", role="role", opts=self.child())

    graph = build(lambda: Example(context(), children))
    boundary = graph.one("aws:iam/role:Role")["permissionsBoundary"]
    assert boundary == "arn:aws:iam::111122223333:policy/syncup-bootstrap-test-boundary"
    assert "permissionsBoundary" not in graph.one("aws:iam/instanceProfile:InstanceProfile").inputs


def test_the_tags_of_a_scaling_group_keep_their_own_form() -> None:
    def children(self: Example) -> None:
        autoscaling.Group("group", min_size=1, max_size=1, opts=self.child())

    assert "tags" not in build(lambda: Example(context(), children)).one("aws:autoscaling/group:Group").inputs


def test_a_component_inside_a_component_passes_everything_on() -> None:
    def children(self: Example) -> None:
        inner = Component("syncup:test:Inner", "inner", context(), self.child())
        s3.Bucket("bucket", opts=inner.child())

    bucket = build(lambda: Example(context(), children)).one("aws:s3/bucket:Bucket")
    assert bucket.options.protect
    assert bucket["tags"]["Project"] == "syncup"


def _topic(parent: Example, tags: dict[str, str]) -> None:
    sns.Topic("topic", tags=tags, opts=parent.child())
