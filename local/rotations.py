"""Secrets Manager: a rotation really runs its function's four steps, one after the other.

Beside that it refuses what AWS refuses while a secret rotates, and moto does not.
"""

import logging
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any, Final

from moto.secretsmanager.models import secretsmanager_backends

from local.endpoint import After, Answer
from local.here import Here
from local.invocations import FunctionError, Invocations
from local.wire import Call, RefusalError

_backends: Any = secretsmanager_backends
_STEPS: Final = ("createSecret", "setSecret", "testSecret", "finishSecret")
"""https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html"""
_CURRENT: Final = "AWSCURRENT"
_PENDING: Final = "AWSPENDING"
_DAY_SECONDS: Final = 24 * 3600
_log = logging.getLogger(__name__)


class Rotations:
    """The rotations, of each secret one at a time."""

    def __init__(self, here: Here, invocations: Invocations) -> None:
        self._here = here
        self._invocations = invocations
        self._under_way: set[str] = set()
        self._lock = threading.Lock()

    def answers(self) -> dict[str, Answer]:
        """What is answered here."""
        return {
            "secretsmanager.RotateSecret": self._rotate,
            "secretsmanager.PutSecretValue": self._put,
            "secretsmanager.UpdateSecretVersionStage": self._move,
        }

    def after(self) -> dict[str, After]:
        """What is done after moto's answer."""
        return {"secretsmanager.UpdateSecretVersionStage": self._moved}

    def _rotate(self, call: Call) -> Mapping[str, Any]:
        secret = self._secret(call)
        if "RotationLambdaARN" in call.parameters:
            secret.rotation_lambda_arn = call.parameters["RotationLambdaARN"]
            secret.auto_rotate_after_days = call.parameters["RotationRules"]["AutomaticallyAfterDays"]
            secret.rotation_requested = secret.rotation_enabled = True
            secret.next_rotation_date = int(time.time()) + secret.auto_rotate_after_days * _DAY_SECONDS
        if not secret.rotation_enabled:
            raise RefusalError("InvalidRequestException", f"{secret.name} is not set to rotate")
        if call.parameters.get("RotateImmediately") is False:
            return {"ARN": secret.arn, "Name": secret.name}
        with self._lock:
            if secret.name in self._under_way:
                raise RefusalError("InvalidRequestException", "A previous rotation is not complete.")
            self._under_way.add(secret.name)
        token = call.parameters.get("ClientRequestToken") or str(uuid.uuid4())
        _begin(secret, token)
        threading.Thread(target=self._steps, args=(secret, token), daemon=True).start()
        return {"ARN": secret.arn, "Name": secret.name, "VersionId": token}

    def _steps(self, secret: Any, token: str) -> None:
        try:
            for step in _STEPS:
                event = {"Step": step, "SecretId": secret.name, "ClientRequestToken": token}
                self._invocations.run(secret.rotation_lambda_arn, event)
            now = int(time.time())
            secret.last_rotation_date = now
            secret.next_rotation_date = now + secret.auto_rotate_after_days * _DAY_SECONDS
        except FunctionError as error:
            # AWS tries again later; here the next rotation begins anew.
            _log.warning("%s: %s", secret.name, error)
        finally:
            with self._lock:
                self._under_way.discard(secret.name)

    def _put(self, call: Call) -> None:
        """A token names one value for ever: another one under it is refused, which moto would take."""
        secret = self._secret(call)
        version = secret.versions.get(call.parameters.get("ClientRequestToken"), {})
        new = call.parameters.get("SecretString")
        if version.get("secret_string", new) != new:
            raise RefusalError("ResourceExistsException", "the version has another value already")
        secret.last_changed_date = int(time.time())

    def _move(self, call: Call) -> Mapping[str, Any] | None:
        """Of a secret that has no current version moto cannot make one current."""
        secret, label = self._secret(call), call.parameters["VersionStage"]
        secret.last_changed_date = int(time.time())
        if label != _CURRENT or any(_CURRENT in one["version_stages"] for one in secret.versions.values()):
            return None
        version = call.parameters["MoveToVersionId"]
        secret.versions[version]["version_stages"].append(label)
        self._moved(call)
        return {"ARN": secret.arn, "Name": secret.name}

    def _moved(self, call: Call) -> Mapping[str, str]:
        """Whoever asks for no version in particular gets the current one, which moto keeps beside labels."""
        if call.parameters["VersionStage"] == _CURRENT:
            self._secret(call).default_version_id = call.parameters["MoveToVersionId"]
        return {}

    def _secret(self, call: Call) -> Any:
        secrets = _backends[self._here.account][call.region].secrets
        identifier = call.parameters["SecretId"]
        if identifier not in secrets:
            raise RefusalError(
                "ResourceNotFoundException", f"Secrets Manager can't find the secret {identifier}"
            )
        return secrets[identifier]


def _begin(secret: Any, token: str) -> None:
    """Makes a version without a value, as AWS does before it calls the function."""
    for version in secret.versions.values():
        version["version_stages"] = [label for label in version["version_stages"] if label != _PENDING]
    secret.versions[token] = {
        "createdate": int(time.time()),
        "version_id": token,
        "version_stages": [_PENDING],
    }
