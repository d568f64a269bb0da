"""The four steps, whatever rotates: repeatable, and only for the version whose turn it is."""

from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import pytest
from moto import mock_aws

from tests.functions import aws
from tests.functions.aws import GROUP, PREFIX, STEPS, Group, Secrets
from tests.functions.folder import modules

NAME = f"{PREFIX}/authentication"
NAMES = ("NEXTAUTH_SECRET", "JWT_SECRET")


class Recorder:
    """A rotator that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def create(self, current: Any) -> Mapping[str, str]:
        self.told.append(("create", current))
        return {"value": f"new {len(self.told)}"}

    def apply(self, before: Any, new: Any, confirm: Callable[[], None]) -> None:
        confirm()
        self.told.append(("apply", (before, new)))

    def test(self, before: Any, new: Any) -> None:
        self.told.append(("test", (before, new)))

    def finish(self) -> None:
        self.told.append(("finish", None))


@pytest.fixture(name="secrets")
def _secrets() -> Iterator[Secrets]:
    with mock_aws():
        yield Secrets()


@pytest.fixture(name="rotation")
def _rotation() -> Iterator[Any]:
    with modules("rotate_signing_secrets", "rotation") as (module,):
        yield module


@pytest.fixture(name="signing")
def _signing() -> Iterator[ModuleType]:
    with modules("rotate_signing_secrets", "handler") as (module,):
        yield module


def _steps(rotation: Any, secrets: Any, event: Mapping[str, str], rotator: Any, steps: Any = STEPS) -> None:
    for step in steps:
        rotation.rotate({**event, "Step": step}, secrets, rotator)


@pytest.mark.parametrize("value", [None, {"value": "old"}], ids=["first", "later"])
def test_a_rotation_ends_with_the_new_value_current(
    rotation: Any, secrets: Secrets, value: dict[str, str] | None
) -> None:
    aws.put(secrets, "authentication", value)
    event, recorder = secrets.begin(NAME), Recorder()
    _steps(rotation, secrets, event, recorder)
    new = {"value": "new 1"}
    assert recorder.told == [
        ("create", value),
        ("apply", (value, new)),
        ("test", (value, new)),
        ("finish", None),
    ]
    assert aws.value(secrets, "authentication") == new


def test_every_step_sees_the_same_however_often_it_is_repeated(rotation: Any, secrets: Secrets) -> None:
    aws.put(secrets, "authentication", {"value": "old"})
    event, recorder = secrets.begin(NAME), Recorder()
    _steps(rotation, secrets, event, recorder, [step for step in STEPS for _ in range(2)])
    _steps(rotation, secrets, event, recorder)
    seen = {str(what) for name, what in recorder.told if name in ("apply", "test")}
    assert seen == {"({'value': 'old'}, {'value': 'new 1'})"}
    assert [name for name, _ in recorder.told].count("create") == 1
    assert aws.value(secrets, "authentication") == {"value": "new 1"}
    assert aws.value(secrets, "authentication", "AWSPREVIOUS") == {"value": "old"}


@pytest.mark.parametrize("step", STEPS)
def test_a_version_whose_turn_is_over_is_refused(rotation: Any, secrets: Secrets, step: str) -> None:
    aws.put(secrets, "authentication", {"value": "old"})
    stale, recorder = secrets.begin(NAME), Recorder()
    _steps(rotation, secrets, stale, recorder, STEPS[:1])
    event = secrets.begin(NAME)
    _steps(rotation, secrets, event, recorder)
    told = list(recorder.told)
    with pytest.raises(rotation.RotationError, match="is not the one that rotates"):
        _steps(rotation, secrets, stale, recorder, [step])
    assert recorder.told == told


@pytest.mark.parametrize("step", STEPS)
def test_a_version_that_is_unknown_is_refused(rotation: Any, secrets: Secrets, step: str) -> None:
    aws.put(secrets, "authentication", {"value": "old"})
    event = {**secrets.begin(NAME), "ClientRequestToken": "00000000-0000-0000-0000-000000000000"}
    with pytest.raises(rotation.RotationError, match="has no version"):
        _steps(rotation, secrets, event, Recorder(), [step])


@pytest.mark.parametrize("step", STEPS[1:])
def test_no_step_goes_ahead_of_the_first(rotation: Any, secrets: Secrets, step: str) -> None:
    aws.put(secrets, "authentication", {"value": "old"})
    with pytest.raises(rotation.RotationError, match="createSecret comes first"):
        _steps(rotation, secrets, secrets.begin(NAME), Recorder(), [step])
    assert aws.value(secrets, "authentication") == {"value": "old"}


def test_a_secret_that_does_not_rotate_and_a_step_of_no_rotation_are_refused(
    rotation: Any, secrets: Secrets
) -> None:
    aws.put(secrets, "authentication", {"value": "old"})
    event = {"SecretId": NAME, "ClientRequestToken": "00000000-0000-0000-0000-000000000000"}
    with pytest.raises(rotation.RotationError, match="not set to rotate"):
        _steps(rotation, secrets, event, Recorder(), STEPS[:1])
    with pytest.raises(rotation.RotationError, match="deleteSecret is no step"):
        _steps(rotation, secrets, secrets.begin(NAME), Recorder(), ["deleteSecret"])


def test_a_value_of_another_form_is_refused_and_not_shown(rotation: Any, secrets: Secrets) -> None:
    secrets.create_secret(Name=NAME, SecretString="hunter2")
    with pytest.raises(Exception, match="no JSON object") as refused:
        _steps(rotation, secrets, secrets.begin(NAME), Recorder(), STEPS[:1])
    assert "hunter2" not in str(refused.value)


class Signing:
    """The rotation of the signing secrets, with a group of instances."""

    def __init__(self, module: Any, secrets: Secrets) -> None:
        self.module, self.secrets, self.group = module, secrets, Group()
        instances = module.Instances(self.group, self.group, GROUP)
        self.rotator = module.SigningSecrets(NAMES, NAME, secrets, instances)

    def steps(self, event: Mapping[str, str], *steps: str) -> None:
        for step in steps or STEPS:
            self.module.rotate({**event, "Step": step}, self.secrets, self.rotator)


def test_what_was_signed_before_stays_valid(signing: ModuleType, secrets: Secrets) -> None:
    aws.put(secrets, "authentication", {"NEXTAUTH_SECRET": "n", "JWT_SECRET": "j", "OTHER": "kept"})
    rotating = Signing(signing, secrets)
    rotating.steps(secrets.begin(NAME))
    value = aws.value(secrets, "authentication")
    assert (value["NEXTAUTH_SECRET_PREVIOUS"], value["JWT_SECRET_PREVIOUS"], value["OTHER"]) == (
        "n",
        "j",
        "kept",
    )
    assert len({value["NEXTAUTH_SECRET"], value["JWT_SECRET"], "n", "j"}) == 4
    assert min(len(value[name]) for name in NAMES) == 48
    assert rotating.group.rolls == 1


def test_the_first_rotation_makes_them(signing: ModuleType, secrets: Secrets) -> None:
    aws.put(secrets, "authentication", None)
    Signing(signing, secrets).steps(secrets.begin(NAME))
    assert set(aws.value(secrets, "authentication")) == set(NAMES)


def test_a_value_that_somebody_sets_in_between_is_not_lost(signing: ModuleType, secrets: Secrets) -> None:
    aws.put(secrets, "authentication", {"NEXTAUTH_SECRET": "n", "JWT_SECRET": "j"})
    rotating, event = Signing(signing, secrets), secrets.begin(NAME)
    rotating.steps(event, *STEPS[:2])
    secrets.client.put_secret_value(SecretId=NAME, SecretString='{"NEXTAUTH_SECRET": "m", "JWT_SECRET": "j"}')
    with pytest.raises(Exception, match="NEXTAUTH_SECRET has changed meanwhile"):
        rotating.steps(event, "testSecret")
    assert "m" in aws.value(secrets, "authentication").values()


def test_the_next_rotation_waits_until_every_instance_has_read_the_last(
    signing: ModuleType, secrets: Secrets
) -> None:
    aws.put(secrets, "authentication", {"NEXTAUTH_SECRET": "n", "JWT_SECRET": "j"})
    rotating = Signing(signing, secrets)
    rotating.group.replaces = False
    rotating.steps(secrets.begin(NAME))
    once = aws.value(secrets, "authentication")
    secrets.rotated(NAME, aws.now())
    event = secrets.begin(NAME)
    with pytest.raises(Exception, match="2 instances of syncup-test-application run since before"):
        rotating.steps(event)
    assert aws.value(secrets, "authentication") == once
    # The refusal has begun to replace them: later it goes on.
    rotating.group.replaces = True
    with pytest.raises(Exception, match="2 instances"):
        rotating.steps(event)
    rotating.steps(event)
    assert aws.value(secrets, "authentication")["JWT_SECRET_PREVIOUS"] == once["JWT_SECRET"]


def test_instances_that_are_being_replaced_already_are_left_to_it(
    signing: ModuleType, secrets: Secrets
) -> None:
    aws.put(secrets, "authentication", {"NEXTAUTH_SECRET": "n", "JWT_SECRET": "j"})
    rotating = Signing(signing, secrets)
    rotating.group.busy = True
    rotating.steps(secrets.begin(NAME))
    assert rotating.group.rolls == 0
    assert "j" in aws.value(secrets, "authentication").values()
