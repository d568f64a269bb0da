"""What the rules of CodeBuild decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rules import codebuild
from tests.policies.kit import Case, judged

_KEY = "arn:aws:kms:us-west-2:111122223333:key/1"


def _source(**changes: Any) -> dict[str, Any]:
    return {"source": {"type": "BITBUCKET", "location": "https://bitbucket.org/example/app.git", **changes}}


def _second(**changes: Any) -> dict[str, Any]:
    return {"secondarySources": [{"sourceIdentifier": "second", **_source(**changes)["source"]}]}


def _environment(*, privileged: bool) -> dict[str, Any]:
    given = {"computeType": "BUILD_GENERAL1_SMALL", "image": "standard", "type": "ARM_CONTAINER"}
    return {"environment": {**given, "privilegedMode": privileged}}


def _bucket(*, disabled: bool) -> dict[str, Any]:
    logs = {"status": "ENABLED", "location": "logs/build", "encryptionDisabled": disabled}
    return {"logsConfig": {"s3Logs": logs}}


def _logs(**statuses: str) -> dict[str, Any]:
    return {"logsConfig": {name: {"status": status} for name, status in statuses.items()}}


def _export(*, disabled: bool) -> dict[str, Any]:
    destination = {"bucket": "reports", "encryptionKey": _KEY, "encryptionDisabled": disabled}
    return {"exportConfig": {"type": "S3", "s3Destination": destination}}


CASES = (
    Case(
        codebuild.source_no_credentials,
        compliant=_source(),
        violating=_source(location="https://x-token-auth:0123456789@bitbucket.org/example/app.git"),
        absent=Verdict.COMPLIANT,
        more_compliant=[_source(location="git@bitbucket.org:example/app.git")],
        more_violating=[{**_source(), **_second(location="https://user@bitbucket.org/example/app.git")}],
    ),
    Case(
        codebuild.source_verifies_certificate,
        compliant=_source(insecureSsl=False),
        violating=_source(insecureSsl=True),
        absent=Verdict.COMPLIANT,
        more_violating=[{**_source(), **_second(insecureSsl=True)}],
    ),
    Case(
        codebuild.logs_encrypted,
        compliant=_bucket(disabled=False),
        violating=_bucket(disabled=True),
        absent=None,
        out_of_scope=[_logs(s3Logs="DISABLED")],
    ),
    Case(
        codebuild.logs,
        compliant=_logs(cloudwatchLogs="ENABLED"),
        violating=_logs(cloudwatchLogs="DISABLED"),
        absent=Verdict.COMPLIANT,
        more_compliant=[_logs(cloudwatchLogs="DISABLED", s3Logs="ENABLED")],
        more_violating=[_logs(cloudwatchLogs="DISABLED", s3Logs="DISABLED")],
    ),
    Case(
        codebuild.not_privileged,
        compliant=_environment(privileged=False),
        violating=_environment(privileged=True),
        absent=Verdict.COMPLIANT,
    ),
    Case(
        codebuild.artifacts_encrypted,
        base=_source(),
        compliant={"artifacts": {"type": "S3", "encryptionDisabled": False}},
        violating={"artifacts": {"type": "S3", "encryptionDisabled": True}},
        absent=Verdict.COMPLIANT,
        more_violating=[
            {
                "artifacts": {"type": "S3"},
                "secondaryArtifacts": [
                    {"type": "S3", "artifactIdentifier": "second", "encryptionDisabled": True}
                ],
            }
        ],
    ),
    Case(
        codebuild.encrypted_with_own_key,
        compliant={"encryptionKey": _KEY},
        violating={},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        codebuild.reports_encrypted,
        compliant=_export(disabled=False),
        violating=_export(disabled=True),
        absent=Verdict.COMPLIANT,
    ),
)

test_cases = judged(CASES)
