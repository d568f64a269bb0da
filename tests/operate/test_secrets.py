"""Secrets come in and never go out; a value that does not fit replaces none that works."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import tool_secrets
from infra.reading import read_guide
from operate import secret_values, secrets
from operate.aws import in_one_line
from operate.errors import GuardError, OperationError, RemoteError, UsageError
from operate.stack import Stack
from tests.operate import vault as vaults
from tests.operate.double import Aws, Parameters, Time, error
from tests.operate.vault import PREVIOUS, Vault

GUIDE = read_guide()
GOOD = {
    "DATABASE_URL": "postgresql://app_b:pass%2Fword@proxy.example.com:5432/syncup?sslmode=require",
    "NEXTAUTH_SECRET": "x" * 32,
    "JWT_SECRET": "y" * 64,
    "OPENAI_API_KEY": "sk-proj-abcdefghijklmnop",
    "SLACK_BOT_TOKEN": "xoxb-123456789012-abcdefgh",
    "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
    "GOOGLE_CLIENT_ID": "123-abc.apps.googleusercontent.com",
    "GOOGLE_CLIENT_SECRET": "GOCSPX-abcdefghijklmnop",
    "SENTRY_DSN": "https://0123abcd@o1.ingest.sentry.io/4501",
    "DATADOG_API_KEY": "fedcba9876543210fedcba9876543210",
    "STATUSPAGE_API_KEY": "89a229ce1a8dbcf9ff30430fbe35eb4c0426574bca932061892cefd2138aa4b1",
}
BAD = [
    ("DATABASE_URL", "mysql://app:hunter2@host/syncup"),
    ("DATABASE_URL", "postgresql://host/syncup"),
    ("DATABASE_URL", "postgresql://app:hunter2@host"),
    ("DATABASE_URL", "postgresql://app:hunter2@host:port/syncup"),
    ("DATABASE_URL", "postgresql://app:hunter2@[host/syncup"),
    ("DATABASE_URL", "hunter2"),
    ("NEXTAUTH_SECRET", "hunter2"),
    ("JWT_SECRET", "hunter2"),
    ("OPENAI_API_KEY", "hunter2"),
    ("SLACK_BOT_TOKEN", "xoxp-hunter2hunter2hunter2"),
    ("SLACK_SIGNING_SECRET", "hunter2"),
    ("GOOGLE_CLIENT_ID", "hunter2"),
    ("GOOGLE_CLIENT_SECRET", "hunter2"),
    ("SENTRY_DSN", "http://hunter2@sentry.io/1"),
    ("SENTRY_DSN", "https://hunter2@sentry.io/"),
    ("DATADOG_API_KEY", "hunter2"),
    ("STATUSPAGE_API_KEY", "hunter2"),
]


@pytest.fixture
def vault(aws: Aws) -> Vault:
    found = vaults.full()
    aws.answers.update(found.answers())
    return found


def test_every_secret_of_the_guide_and_of_tools_has_a_form() -> None:
    named = {variable.name for group in GUIDE.secrets.groups for variable in group.secrets}
    named |= {variable for variables in tool_secrets.VARIABLES.values() for variable in variables}
    assert named == set(secret_values.FORMS) == set(GOOD)


@pytest.mark.parametrize("key", sorted(GOOD))
def test_a_right_value_is_admitted(key: str) -> None:
    secret_values.check(key, GOOD[key])


@pytest.mark.parametrize(("key", "value"), BAD)
def test_a_wrong_value_is_refused_and_not_repeated(key: str, value: str) -> None:
    with pytest.raises(UsageError, match=key) as raised:
        secret_values.check(key, value)
    assert "hunter2" not in str(raised.value)


@given(st.text())
def test_no_value_is_ever_repeated(text: str) -> None:
    for key in ("DATABASE_URL", "SLACK_SIGNING_SECRET", "SENTRY_DSN"):
        with pytest.raises(UsageError) as raised:
            secret_values.check(key, f"hunter2{text}")
        assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("value", ["", " spaced", "spaced ", "two\nlines", "nul\0", "tab\there"])
def test_a_value_is_one_line_of_text(value: str) -> None:
    with pytest.raises(UsageError):
        secret_values.check("OPENAI_API_KEY", value)


def test_a_view_says_what_is_set_and_how_old_it_is(stack: Stack, vault: Vault, aws: Aws) -> None:
    seen = {secret.name.rpartition("/")[2]: secret for secret in secrets.view(stack, GUIDE)}
    assert sorted(seen) == ["authentication", "cache", "database", "monitoring", "status-page", "third-party"]
    assert all(not secret.due for secret in seen.values())
    assert [variable.name for variable in seen["database"].variables] == ["DATABASE_URL"]
    assert (seen["database"].rotates, seen["third-party"].rotates) == (True, False)
    assert aws.changes == []


def test_what_only_machines_use_is_not_read(stack: Stack, vault: Vault, aws: Aws) -> None:
    secrets.view(stack, GUIDE)
    read = {asked["SecretId"].rpartition("/")[2] for asked in aws.named("secretsmanager.GetSecretValue")}
    assert read == {*(group.name for group in GUIDE.secrets.groups), *tool_secrets.VARIABLES}


def test_no_value_leaves_with_a_view(stack: Stack, vault: Vault) -> None:
    shown = repr(secrets.view(stack, GUIDE))
    for secret in vault.secrets.values():
        for value in secret.holds().values():
            assert value not in shown


@pytest.mark.parametrize("age_days", [91, 400])
def test_what_is_older_than_a_quarter_is_due(stack: Stack, vault: Vault, age_days: int) -> None:
    vault.secrets["syncup/staging/monitoring"].age_days = age_days
    assert [secret.name for secret in secrets.view(stack, GUIDE) if secret.due] == [
        "syncup/staging/monitoring"
    ]


def test_what_has_no_value_is_due(stack: Stack, vault: Vault) -> None:
    vault.secret("third-party")
    (due,) = [secret for secret in secrets.view(stack, GUIDE) if secret.due]
    assert not any(variable.is_set for variable in due.variables)


def test_every_secret_that_a_machine_renews_is_rotated(stack: Stack, vault: Vault) -> None:
    told: list[str] = []
    names = secrets.rotating(stack)
    assert names == [f"syncup/staging/{group}" for group in ("authentication", "cache", "database")]
    for name in names:
        secrets.rotate(stack, name, told.append)
    assert len(told) == 6
    assert vault.secrets["syncup/staging/database"].holds() == {"PASSWORD": "new"}


def test_one_can_be_rotated_alone(stack: Stack, vault: Vault) -> None:
    assert secrets.rotating(stack, "cache") == ["syncup/staging/cache"]
    with pytest.raises(UsageError, match="no machine rotates 'third-party': write one of authentication"):
        secrets.rotating(stack, "third-party")


def test_what_a_machine_renews_and_nobody_has_given_a_value_yet_is_unseeded(stack: Stack, aws: Aws) -> None:
    kept = Vault()
    kept.secret("cache", rotates=True)
    kept.secret("database", rotates=True, DATABASE_URL="postgresql://x")
    kept.secret("third-party")
    aws.answers.update(kept.answers())
    assert secrets.unseeded(stack) == ["syncup/staging/cache"]


def test_a_rotation_that_does_not_come_to_an_end_is_told(
    stack: Stack, vault: Vault, aws: Aws, time: Time
) -> None:
    aws.answers["secretsmanager.DescribeSecret"] = {"VersionIdsToStages": {"v" * 32: ["AWSCURRENT"]}}
    with pytest.raises(OperationError, match="still has its former value after 15 minutes"):
        secrets.rotate(stack, "syncup/staging/cache", lambda _: None)
    assert sum(time.slept) == 15 * 60


def test_a_rotation_under_way_is_not_disturbed(stack: Stack, vault: Vault, aws: Aws) -> None:
    aws.answers["secretsmanager.RotateSecret"] = error(
        "InvalidRequestException", "A previous rotation isn't complete. That rotation will be reattempted."
    )
    with pytest.raises(GuardError, match="is under way"):
        secrets.rotate(stack, "syncup/staging/cache", lambda _: None)


@pytest.mark.parametrize("key", sorted(GOOD))
def test_a_new_value_leaves_the_others_and_keeps_the_one_before(stack: Stack, vault: Vault, key: str) -> None:
    group = secrets.group_of(GUIDE, key)
    secret = vault.secrets[f"syncup/staging/{group}"]
    before = secret.holds()
    secrets.update(stack, GUIDE, key, GOOD[key])
    after = secret.holds()
    assert after[key] == GOOD[key]
    assert secret.holds(PREVIOUS) == before
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == ({key, f"{key}_PREVIOUS"} if key in {"NEXTAUTH_SECRET", "JWT_SECRET"} else {key})
    assert set(secret.labels) == {"AWSCURRENT", "AWSPREVIOUS"}


def test_what_was_signed_before_stays_valid(stack: Stack, vault: Vault) -> None:
    secrets.update(stack, GUIDE, "JWT_SECRET", GOOD["JWT_SECRET"])
    assert vault.secrets["syncup/staging/authentication"].holds()["JWT_SECRET_PREVIOUS"] == "j" * 40


def test_a_first_value_needs_none_before(stack: Stack, vault: Vault) -> None:
    secret = vault.secret("third-party")
    secrets.update(stack, GUIDE, "OPENAI_API_KEY", GOOD["OPENAI_API_KEY"])
    assert secret.holds() == {"OPENAI_API_KEY": GOOD["OPENAI_API_KEY"]}


def test_the_same_value_again_changes_nothing(stack: Stack, vault: Vault, aws: Aws) -> None:
    with pytest.raises(GuardError, match="has this value already"):
        secrets.update(stack, GUIDE, "JWT_SECRET", "j" * 40)
    assert aws.changes == []


@pytest.mark.parametrize(("key", "value"), BAD)
def test_a_wrong_value_changes_nothing(stack: Stack, vault: Vault, aws: Aws, key: str, value: str) -> None:
    with pytest.raises(UsageError):
        secrets.update(stack, GUIDE, key, value)
    assert aws.changes == []


def test_of_two_that_change_a_secret_at_once_one_is_refused(stack: Stack, vault: Vault, aws: Aws) -> None:
    secret = vault.secrets["syncup/staging/third-party"]
    put: Any = aws.answers["secretsmanager.PutSecretValue"]

    def other_first(asked: Parameters) -> Any:
        secret.put(json.dumps({**secret.holds(), "SLACK_BOT_TOKEN": "theirs"}), "AWSCURRENT")
        return put(asked)

    aws.answers["secretsmanager.PutSecretValue"] = other_first
    with pytest.raises(GuardError, match="was changed by somebody else meanwhile"):
        secrets.update(stack, GUIDE, "OPENAI_API_KEY", GOOD["OPENAI_API_KEY"])
    assert "theirs" in secret.holds().values()
    assert secret.holds()["OPENAI_API_KEY"] != GOOD["OPENAI_API_KEY"]
    assert set(secret.labels) == {"AWSCURRENT", "AWSPREVIOUS"}


@pytest.mark.parametrize("text", ["not json hunter2", '["hunter2"]'])
def test_what_holds_no_variables_is_refused_and_not_repeated(
    stack: Stack, vault: Vault, aws: Aws, text: str
) -> None:
    vault.secrets["syncup/staging/third-party"].put(text, "AWSCURRENT")
    with pytest.raises(OperationError, match="does not hold a JSON object") as raised:
        secrets.update(stack, GUIDE, "OPENAI_API_KEY", GOOD["OPENAI_API_KEY"])
    assert "hunter2" not in str(raised.value)
    assert aws.changes == []


@pytest.mark.parametrize("key", ["LOG_LEVEL", "DATABASE_SSL", "OPENAI_KEY", ""])
def test_what_is_no_secret_of_the_guide_is_refused(key: str) -> None:
    with pytest.raises(UsageError, match="is no secret of the guide: write one of DATABASE_URL"):
        secrets.group_of(GUIDE, key)


def test_a_refusal_of_aws_does_not_repeat_the_value(stack: Stack, vault: Vault, aws: Aws) -> None:
    aws.answers["secretsmanager.PutSecretValue"] = error("ValidationException", GOOD["OPENAI_API_KEY"])
    with pytest.raises(RemoteError) as raised, in_one_line():
        secrets.update(stack, GUIDE, "OPENAI_API_KEY", GOOD["OPENAI_API_KEY"])
    assert GOOD["OPENAI_API_KEY"] not in str(raised.value)
