"""Secrets Manager, as far as a secret's versions and labels go."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.operate.double import NOW, Answer, Parameters, error

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


@dataclass
class Secret:
    """One secret: what each of its versions holds, and which version has which label."""

    versions: dict[str, str] = field(default_factory=dict[str, str])
    labels: dict[str, str] = field(default_factory=dict[str, str])
    rotates: bool = False
    age_days: int = 10

    def put(self, text: str, *labels: str) -> str:
        """A new version with these labels."""
        version = f"version-{len(self.versions) + 1}".ljust(32, "-")
        self.versions[version] = text
        for label in labels:
            self.move(label, version)
        return version

    def move(self, label: str, version: str) -> None:
        """A label goes to a version; the current one's former holder becomes the previous one."""
        if label == CURRENT and CURRENT in self.labels:
            self.labels[PREVIOUS] = self.labels[CURRENT]
        self.labels[label] = version

    def holds(self, label: str = CURRENT) -> dict[str, str]:
        """The variables of the version with a label."""
        return json.loads(self.versions[self.labels[label]])


@dataclass
class Vault:
    """The secrets of the stack."""

    secrets: dict[str, Secret] = field(default_factory=dict[str, Secret])

    def secret(self, name: str, *, rotates: bool = False, age_days: int = 10, **values: str) -> Secret:
        """Adds a secret; without values it has no version."""
        made = self.secrets[f"syncup/staging/{name}"] = Secret(rotates=rotates, age_days=age_days)
        if values:
            made.put(json.dumps(values), CURRENT)
        return made

    def answers(self) -> dict[str, Answer]:
        """What AWS answers for it."""
        return {
            "secretsmanager.ListSecrets": self._list,
            "secretsmanager.GetSecretValue": self._get,
            "secretsmanager.PutSecretValue": self._put,
            "secretsmanager.UpdateSecretVersionStage": self._move,
            "secretsmanager.RotateSecret": self._rotate,
            "secretsmanager.DescribeSecret": self._describe,
        }

    def _list(self, asked: Parameters) -> Any:
        (prefix,) = asked["Filters"][0]["Values"]
        return {
            "SecretList": [
                {
                    "Name": name,
                    "RotationEnabled": secret.rotates,
                    "SecretVersionsToStages": {v: [label] for label, v in secret.labels.items()},
                    **({"LastChangedDate": NOW - timedelta(days=secret.age_days)} if secret.labels else {}),
                    **({"NextRotationDate": NOW + timedelta(days=80)} if secret.rotates else {}),
                }
                for name, secret in self.secrets.items()
                if name.startswith(prefix)
            ]
        }

    def _get(self, asked: Parameters) -> Any:
        secret = self.secrets[asked["SecretId"]]
        if CURRENT not in secret.labels:
            return error("ResourceNotFoundException")
        version = secret.labels[CURRENT]
        return {"VersionId": version, "SecretString": secret.versions[version]}

    def _put(self, asked: Parameters) -> Any:
        labels = asked.get("VersionStages", [CURRENT])
        return {"VersionId": self.secrets[asked["SecretId"]].put(asked["SecretString"], *labels)}

    def _move(self, asked: Parameters) -> Any:
        secret, label = self.secrets[asked["SecretId"]], asked["VersionStage"]
        if secret.labels.get(label) != asked["RemoveFromVersionId"]:
            return error("InvalidParameterException", f"{label} is attached to another version")
        if "MoveToVersionId" in asked:
            secret.move(label, asked["MoveToVersionId"])
        else:
            del secret.labels[label]
        return {}

    def _rotate(self, asked: Parameters) -> Any:
        return {"VersionId": self.secrets[asked["SecretId"]].put('{"PASSWORD": "new"}', "AWSPENDING")}

    def _describe(self, asked: Parameters) -> Any:
        """Seen twice, a pending version has come to hold."""
        secret = self.secrets[asked["SecretId"]]
        stages: dict[str, list[str]] = {}
        for label, version in secret.labels.items():
            stages.setdefault(version, []).append(label)
        if "AWSPENDING" in secret.labels:
            secret.move(CURRENT, secret.labels.pop("AWSPENDING"))
        return {"VersionIdsToStages": stages}


def full() -> Vault:
    """A stack whose secrets all have values, none of them real."""
    vault = Vault()
    vault.secret("database", rotates=True, DATABASE_URL="postgresql://app_a:word@db.example.com/syncup")
    vault.secret("authentication", rotates=True, NEXTAUTH_SECRET="n" * 40, JWT_SECRET="j" * 40)
    vault.secret(
        "third-party",
        OPENAI_API_KEY="sk-" + "o" * 20,
        SLACK_BOT_TOKEN="xoxb-" + "s" * 20,
        SLACK_SIGNING_SECRET="5" * 32,
        GOOGLE_CLIENT_ID="1.apps.googleusercontent.com",
        GOOGLE_CLIENT_SECRET="g" * 20,
    )
    vault.secret("monitoring", SENTRY_DSN="https://k@sentry.example.com/1", DATADOG_API_KEY="d" * 32)
    vault.secret("status-page", STATUSPAGE_API_KEY="t" * 40)
    vault.secret("cache", rotates=True, username="app", password="p" * 20)
    return vault
