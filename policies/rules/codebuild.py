"""CodeBuild: projects and report groups. Credentials in a project's environment are in `guide`."""

import re
from collections.abc import Iterator
from typing import Final

from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.view import Resource, View, any_holds, each, every_holds, one_holds

_PROJECT: Final = "aws:codebuild/project:Project"
_REPORTS: Final = "aws:codebuild/reportGroup:ReportGroup"

_SIGNED_IN: Final = re.compile(r"[a-z+]+://[^/@\s]+@", re.IGNORECASE)
"""An address with a user, and perhaps a password, before the host."""

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/codebuild-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/codebuild/latest/userguide"


def _sources(project: Resource) -> Iterator[View]:
    yield from project.objects("source")
    yield from project.objects("secondarySources")


@rule(
    name="codebuild-source-no-credentials",
    title="Addresses of a project's source contain no credentials",
    severity=Severity.CRITICAL,
    controls=("CodeBuild.1",),
    types=(_PROJECT,),
    why="Whoever may look at the project, or reads its log, reads the token in the address.",
    fix="""
        aws.codebuild.Project(
            "build", source={"type": "BITBUCKET", "location": "https://bitbucket.org/example/app.git"}
        )
    """,
    link=f"{_FSBP}#codebuild-1",
)
def source_no_credentials(project: Resource) -> Problems:
    """AWS's control is about Bitbucket; a token in any address is as open."""
    yield from each(
        lambda source: (
            f"{source.where('location')} contains a user or a token"
            if _SIGNED_IN.match(source.text("location"))
            else None
        ),
        _sources(project),
    )


@rule(
    name="codebuild-source-verifies-certificate",
    title="Projects check the certificate of where their source comes from",
    severity=Severity.HIGH,
    types=(_PROJECT,),
    why="Whoever gets between the build and the repository decides what is built.",
    fix="""
        aws.codebuild.Project("build", source={
            "type": "GITHUB_ENTERPRISE", "location": "https://git.example.com/app.git", "insecure_ssl": False,
        })
    """,
    link=f"{_GUIDE}/sample-github-enterprise.html",
)
def source_verifies_certificate(project: Resource) -> Problems:
    """It is checked by default."""
    yield from each(
        lambda source: (
            f"{source.where('insecureSsl')} is on" if source.flag("insecureSsl", default=False) else None
        ),
        _sources(project),
    )


@rule(
    name="codebuild-logs-encrypted",
    title="Projects encrypt logs that they keep in a bucket",
    severity=Severity.LOW,
    level=Level.MANDATORY,
    controls=("CodeBuild.3",),
    types=(_PROJECT,),
    why="A build's log tells how everything is made, and often more than it should.",
    fix="""
        aws.codebuild.Project("build", logs_config={
            "s3_logs": {"status": "ENABLED", "location": "logs/build", "encryption_disabled": False},
        })
    """,
    link=f"{_FSBP}#codebuild-3",
)
def logs_encrypted(project: Resource) -> Problems:
    """They are encrypted by default."""
    if project.text("logsConfig.s3Logs.status") != "ENABLED":
        return OUT_OF_SCOPE
    off = project.flag("logsConfig.s3Logs.encryptionDisabled", default=False)
    return "logs_config.s3_logs.encryption_disabled is on" if off else None


@rule(
    name="codebuild-logs",
    title="Projects log their builds",
    severity=Severity.MEDIUM,
    controls=("CodeBuild.4",),
    types=(_PROJECT,),
    why="Without the log, nobody can say afterwards what a build did.",
    fix="""
        aws.codebuild.Project("build", logs_config={
            "cloudwatch_logs": {"status": "ENABLED", "group_name": log_group.name},
        })
    """,
    link=f"{_FSBP}#codebuild-4",
)
def logs(project: Resource) -> Problems:
    """CloudWatch's log is on unless it is turned off, a bucket's is off."""
    if one_holds(
        lambda: project.text("logsConfig.cloudwatchLogs.status", default="ENABLED") == "ENABLED",
        lambda: project.text("logsConfig.s3Logs.status") == "ENABLED",
    ):
        return None
    return "logs_config turns every log off"


@rule(
    name="codebuild-not-privileged",
    title="Builds are not privileged",
    severity=Severity.HIGH,
    types=(_PROJECT,),
    why="A privileged build can do whatever root on its machine can, whoever wrote what it builds.",
    fix="""
        aws.codebuild.Project("build", environment={
            "compute_type": "BUILD_GENERAL1_SMALL",
            "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
            "type": "ARM_CONTAINER",
            "privileged_mode": False,
        })
    """,
    link=f"{_GUIDE}/change-project.html",
)
def not_privileged(project: Resource) -> Problems:
    """It is off by default; images can be built without Docker's daemon."""
    on = project.flag("environment.privilegedMode", default=False)
    return "environment.privileged_mode is on" if on else None


@rule(
    name="codebuild-artifacts-encrypted",
    title="Projects encrypt what they build",
    severity=Severity.MEDIUM,
    types=(_PROJECT,),
    why="Whoever gets at the bucket reads, and can replace, what will run.",
    fix="""
        aws.codebuild.Project("build", artifacts={
            "type": "S3", "location": "artifacts", "encryption_disabled": False,
        })
    """,
    link=f"{_GUIDE}/security-encryption.html",
)
def artifacts_encrypted(project: Resource) -> Problems:
    """It is encrypted by default."""
    yield from each(
        lambda artifact: (
            f"{artifact.where('encryptionDisabled')} is on"
            if artifact.flag("encryptionDisabled", default=False)
            else None
        ),
        [*project.objects("artifacts"), *project.objects("secondaryArtifacts")],
    )


@rule(
    name="codebuild-encrypted-with-own-key",
    title="Projects encrypt with a key of one's own",
    severity=Severity.LOW,
    types=(_PROJECT,),
    why="AWS's key cannot be revoked, nor its policy limited.",
    fix="""
        aws.codebuild.Project("build", encryption_key=key.arn)
    """,
    link=f"{_GUIDE}/security-key-management.html",
)
def encrypted_with_own_key(project: Resource) -> Problems:
    """Without a key, AWS takes its own for S3."""
    return None if project.is_present("encryptionKey") else "it has no encryption_key"


@rule(
    name="codebuild-reports-encrypted",
    title="Reports of builds are encrypted where they are exported to",
    severity=Severity.MEDIUM,
    controls=("CodeBuild.7",),
    types=(_REPORTS,),
    why="Reports tell where the tests fail, and where they do not look.",
    fix="""
        aws.codebuild.ReportGroup("tests", type="TEST", export_config={
            "type": "S3", "s3_destination": {"bucket": "reports", "encryption_key": key.arn},
        })
    """,
    link=f"{_FSBP}#codebuild-7",
)
def reports_encrypted(reports: Resource) -> Problems:
    """They are encrypted by default."""
    if any_holds(
        lambda export: every_holds(
            lambda: export.text("type") == "S3",
            lambda: export.flag("s3Destination.encryptionDisabled", default=False),
        ),
        reports.objects("exportConfig"),
    ):
        return "export_config.s3_destination.encryption_disabled is on"
    return None
