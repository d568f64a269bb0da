"""What may be shown of a value."""

import pulumi
from pulumi_aws import ssm

from preview import redact
from preview.values import UNKNOWN, Asset, ResourceReference, Secret
from tests.preview.programs import declared

HUSH = "hush-hush-hush"


def test_secrets_and_what_is_unknown_are_marks() -> None:
    value = {"a": [Secret(HUSH), UNKNOWN, ResourceReference("urn:x")], "b": f"it is {HUSH}", "c": 1}
    assert redact.without_secrets(value, {HUSH}) == {
        "a": ["[secret]", "[unknown]", {"resource": "urn:x"}],
        "b": "it is [secret]",
        "c": 1,
    }


def test_the_content_of_a_text_is_not_shown() -> None:
    assert redact.without_secrets(Asset("asset", "text", HUSH)) == {"asset": "[text]"}
    assert redact.without_secrets(Asset("archive", "path", "a.zip")) == {"archive": "a.zip"}


def test_the_longest_secret_is_taken_out_first() -> None:
    """A secret may contain another, of which nothing may be left."""
    assert redact.message("abcdef-ghijkl", {"abcdef", "abcdef-ghijkl"}) == "[secret]"


def test_a_credential_is_known_by_its_name_or_its_look() -> None:
    found = redact.without_credentials({"password": "Tr0ub4dor-and-3", "names": ["anna"]})
    assert found == {
        "password": "[not shown: it looks like a password or a key, by its name]",
        "names": ["anna"],
    }


def test_what_a_program_logs_is_told_without_its_secrets() -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        ssm.Parameter("it", type="String", value=pulumi.Output.secret(HUSH), opts=opts)
        pulumi.log.warn(f"the word is {HUSH}")

    graph = declared(declare)
    assert redact.secrets_of(graph) == {HUSH}
    assert [message.text for message in redact.told(graph).messages] == ["the word is [secret]"]


def test_short_secrets_are_not_looked_for_elsewhere() -> None:
    """`5432` is in many texts that are no secret."""
    graph = declared(
        lambda opts: ssm.Parameter("it", type="String", value=pulumi.Output.secret("5432"), opts=opts)
    )
    assert redact.secrets_of(graph) == frozenset()
