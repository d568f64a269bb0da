"""What looks like a credential and what does not, with the shares of both that are noticed.

Every credential here is put together from parts, so that no scanner of files finds one.
"""

import base64
import gzip
import json
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.secrets_scan import in_setting, in_text, looks_random

_LETTERS = string.ascii_letters + string.digits
_CHANCE = random.Random(2026)  # noqa: S311 (the same examples every time)


def _random(length: int, alphabet: str = _LETTERS) -> str:
    return "".join(_CHANCE.choice(alphabet) for _ in range(length))


_CAPITALS = string.ascii_uppercase + "234567"
_HEX = "0123456789abcdef"
_WORKSPACE = _random(8, _CAPITALS)
_PASSWORD = "correct-Horse7" + "Battery"

FORMATS = {
    "an AWS access key": f"AKIA{_random(16, _CAPITALS)}",
    "a GitHub token": f"ghp_{_random(36)}",
    "a GitLab token": f"glpat-{_random(20)}",
    "a Slack token": f"xoxb-{_random(12, string.digits)}-{_random(24)}",
    "a Slack webhook": f"https://hooks.slack.com/services/T{_WORKSPACE}/B{_WORKSPACE}/{_random(24)}",
    "an API key": f"sk-proj-{_random(48)}",
    "a Stripe key": f"sk_live_{_random(24)}",
    "a Google key": f"AIza{_random(35)}",
    "an npm token": f"npm_{_random(36)}",
    "a PyPI token": f"pypi-AgE{_random(60)}",
    "a SendGrid key": f"SG.{_random(22)}.{_random(43)}",
    "a DigitalOcean token": f"dop_v1_{_random(64, _HEX)}",
    "a Pulumi token": f"pul-{_random(40, _HEX)}",
    "a Vault token": f"hvs.{_random(24)}",
    "a Sentry address": f"https://{_random(32, _HEX)}@o1.ingest.sentry.io/42",
    "a signed token": f"eyJ{_random(20)}.eyJ{_random(40)}.{_random(43)}",
    "a private key": f"-----BEGIN {'RSA'} PRIVATE KEY-----\n{_random(64)}",
}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    "around", ["{}", "export SETTING={}\n", '{{"setting": "{}"}}', "run --with {} --now"]
)
def test_a_known_format_is_found_wherever_it_stands(kind: str, around: str) -> None:
    assert in_text(around.format(FORMATS[kind])) == kind


@pytest.mark.parametrize(
    "text",
    [
        f"export DATABASE_PASSWORD={_PASSWORD}",
        f"PGPASSWORD='{_PASSWORD}' psql",
        f'password: "{_PASSWORD}"',
        f'{{"dbPassword": "{_PASSWORD}"}}',
        f"mysql --password={_PASSWORD}",
        f"login --api-key {_PASSWORD}",
        f"AWS_SECRET_ACCESS_KEY={_random(40)}",
        f"JWT_SECRET={_random(20)}1a",
        f"auth_token = '{_random(20)}1a'",
    ],
)
def test_an_assignment_to_a_telling_name_is_found(text: str) -> None:
    assert in_text(f"#!/bin/sh\nset -e\n{text}\n") == "a password or a key, by its name"


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://syncup:{_PASSWORD}@database.internal:5432/syncup",
        f"redis://:{_PASSWORD}@cache.internal:6379",
        f"DATABASE_URL=postgres://a:{_PASSWORD}@b/c",
    ],
)
def test_an_address_with_a_password_is_found(text: str) -> None:
    assert in_text(text) == "an address with a password"


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
def test_base64_is_read_as_what_it_stands_for(*, compressed: bool) -> None:
    script = f"#!/bin/sh\nexport DATABASE_PASSWORD={_PASSWORD}\n".encode()
    raw = gzip.compress(script) if compressed else script
    assert in_text(base64.b64encode(raw).decode()) == "a password or a key, by its name"
    wrapped = base64.encodebytes(raw).decode()
    assert in_text(wrapped) == "a password or a key, by its name"


@pytest.mark.parametrize(
    "text",
    [
        "PASSWORD=$1",
        'export DATABASE_PASSWORD="$(aws secretsmanager get-secret-value --secret-id database)"',
        "TOKEN=$(curl -X PUT http://169.254.169.254/latest/api/token)",
        "api_key: ${API_KEY}",
        "password = {{ vault_password }}",
        "password: <the password>",
        'password = os.environ["DATABASE_PASSWORD"]',
        "const secret = process.env.JWT_SECRET",
        "SECRET_ARN=arn:aws:secretsmanager:us-west-2:111122223333:secret:syncup-AbCdEf",
        "SECRET_NAME=syncup/production/database",
        "PASSWORD_FILE=/run/secrets/password",
        "TOKEN_TTL=3600",
        "password_min_length=14",
        "password: ********",
        "passwords: true",
        "postgresql://syncup:${PASSWORD}@database.internal/syncup",
        "https://user@example.com/path:with@colon",
        "http://host:8080/a@b",
        "AKIAIOSFODNN7EXAMPLE",
        "task-sk-one-two-three-four-five-six-seven-eight",
        "-----BEGIN CERTIFICATE-----\nMIIDFTCCAf2gAwIBAgIUdo12YfVYP0uX",
        "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "The secret of the token is that nobody has a password",
        "",
    ],
)
def test_what_only_refers_to_a_credential_is_none(text: str) -> None:
    assert in_text(text) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Password", _PASSWORD),
        ("DATABASE_PASSWORD", "letmein"),
        ("apiKey", "0123456789"),
        ("JWT_SECRET", "abc123def"),
        ("SETTING", FORMATS["an AWS access key"]),
        ("SETTING", "kR7mQ2vX9pL4" + "tW8zN3cY6bH1"),
    ],
)
def test_a_setting_is_judged_by_its_name_and_its_value(name: str, value: str) -> None:
    assert in_setting(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRETS_PREFIX", "syncup/production"),
        ("SECRET_ID", "syncup/production/database"),
        ("Secret", "application-password"),
        ("TokenSource", "AWS"),
        ("PASSWORD", ""),
        ("PASSWORD", "none"),
        ("Type", "WorkspaceApiKey"),
        ("ManagedBy", "pulumi"),
        ("Image", "ami-0123456789abcdef0"),
        ("Commit", "9b4f2b1c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a"),
        ("Id", "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"),
        ("Policy", "AmazonSSMManagedInstanceCore2023"),
        ("Endpoint", "search-domain-47c1b11.es.us-west-2.example.com"),
        ("Document", '{"Version": "2012-10-17", "Statement": []}'),
        ("Zones", "us-west-2a,us-west-2b,us-west-2c"),
    ],
)
def test_a_setting_that_names_something_else_is_none(name: str, value: str) -> None:
    assert in_setting(name, value) == ""


def test_nine_of_ten_random_values_are_noticed_without_a_telling_name() -> None:
    for length in (24, 32, 40, 64):
        noticed = sum(looks_random(_random(length)) for _ in range(500))
        assert noticed >= 450, length


def test_words_in_any_writing_do_not_look_random() -> None:
    words = ["application", "bucket", "cache", "database", "endpoint", "function", "gateway", "listener"]
    for _ in range(500):
        chosen = [_CHANCE.choice(words) for _ in range(4)]
        number = str(_CHANCE.randrange(100))
        assert not looks_random("".join(word.title() for word in chosen) + number)
        assert not looks_random("-".join(word.title() for word in chosen) + number)
        assert not looks_random(_random(32, _HEX))


@given(st.text(), st.text())
def test_no_text_makes_it_fail(name: str, value: str) -> None:
    assert isinstance(in_setting(name, value), str)
    assert isinstance(in_text(base64.b64encode(value.encode()).decode()), str)


def test_a_long_text_without_spaces_is_read_in_a_moment() -> None:
    for text in ("a" * 200_000, "a=" * 100_000, "://:" * 50_000, json.dumps(["x" * 50] * 4000)):
        assert in_text(text) == ""
