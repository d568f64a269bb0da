"""Systems Manager: documents, sessions, automation, and the windows in which machines are patched."""

from typing import Final

from policies.account import holds_everywhere, is_accounts
from policies.rule import OUT_OF_SCOPE, STACK_TYPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource, View, any_holds
from policies.windows import scheduled, weekly

_DOCUMENT: Final = "aws:ssm/document:Document"
_SETTING: Final = "aws:ssm/serviceSetting:ServiceSetting"
_WINDOW: Final = "aws:ssm/maintenanceWindow:MaintenanceWindow"
_TASK: Final = "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask"
_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/ssm-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/systems-manager/latest/userguide"


# Documents and settings --------------------------------------------------------------------------------


@rule(
    name="ssm-document-private",
    title="Documents are not shared with everyone",
    severity=Severity.CRITICAL,
    controls=("SSM.4",),
    types=(_DOCUMENT,),
    why="A document tells how machines are run, and what else its author wrote into it.",
    fix="""
        aws.ssm.Document("steps", permissions={"type": "Share", "account_ids": "111122223333"})
    """,
    link=f"{_FSBP}#ssm-4",
)
def document_private(document: Resource) -> Problems:
    """A document is shared with nobody by default."""
    for name in ("accountIds", "account_ids"):
        if any(part.strip().lower() == "all" for part in document.text(f"permissions.{name}").split(",")):
            return "permissions shares it with everyone"
    return None


_PUBLIC_SHARING: Final = "/ssm/documents/console/public-sharing-permission"
_AUTOMATION_LOG: Final = "/ssm/automation/customer-script-log-destination"


def _is(setting: Resource, name: str, value: str) -> bool:
    """Whether a setting, called by its path or its ARN, has a value."""
    return setting.text("settingId").endswith(name) and setting.text("settingValue").lower() == value


@rule(
    name="ssm-public-sharing-blocked",
    title="No document of the account can be shared with everyone",
    severity=Severity.CRITICAL,
    controls=("SSM.7",),
    types=(_SETTING,),
    why="One careless click would share a document, with whatever is in it, with the world.",
    fix="""
        aws.ssm.ServiceSetting(
            "sharing",
            setting_id="/ssm/documents/console/public-sharing-permission",
            setting_value="Disable",
        )
    """,
    link=f"{_FSBP}#ssm-7",
)
def public_sharing_blocked(setting: Resource) -> Problems:
    """Sharing is possible by default."""
    if not setting.text("settingId").endswith(_PUBLIC_SHARING):
        return OUT_OF_SCOPE
    return None if _is(setting, _PUBLIC_SHARING, "disable") else "setting_value is not Disable"


@rule(
    name="ssm-automation-logged",
    title="What scripts of automation print is logged",
    severity=Severity.MEDIUM,
    controls=("SSM.6",),
    types=(_SETTING,),
    why="Without the log nobody can say what an automation did, or why it failed.",
    fix="""
        aws.ssm.ServiceSetting(
            "automation",
            setting_id="/ssm/automation/customer-script-log-destination",
            setting_value="CloudWatch",
        )
    """,
    link=f"{_FSBP}#ssm-6",
)
def automation_logged(setting: Resource) -> Problems:
    """Not logged by default."""
    if not setting.text("settingId").endswith(_AUTOMATION_LOG):
        return OUT_OF_SCOPE
    return None if _is(setting, _AUTOMATION_LOG, "cloudwatch") else "setting_value is not CloudWatch"


@rule(
    name="ssm-account-public-sharing-blocked",
    title="Whoever sets an account up blocks public sharing of documents",
    severity=Severity.CRITICAL,
    controls=("SSM.7",),
    types=(STACK_TYPE,),
    why="One careless click would share a document, with whatever is in it, with the world.",
    fix="""
        aws.ssm.ServiceSetting(
            "sharing",
            setting_id="/ssm/documents/console/public-sharing-permission",
            setting_value="Disable",
        )
    """,
    link=f"{_FSBP}#ssm-7",
)
def account_public_sharing_blocked(_: Resource, stack: Stack) -> Problems:
    """Asked only of the stack that makes the settings of its account."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    if holds_everywhere(stack, _SETTING, lambda setting: _is(setting, _PUBLIC_SHARING, "disable")):
        return None
    return "ServiceSetting does not disable public sharing in every region of the stack"


@rule(
    name="ssm-account-automation-logged",
    title="Whoever sets an account up logs what automation prints",
    severity=Severity.MEDIUM,
    controls=("SSM.6",),
    types=(STACK_TYPE,),
    why="Without the log nobody can say what an automation did, or why it failed.",
    fix="""
        aws.ssm.ServiceSetting(
            "automation",
            setting_id="/ssm/automation/customer-script-log-destination",
            setting_value="CloudWatch",
        )
    """,
    link=f"{_FSBP}#ssm-6",
)
def account_automation_logged(_: Resource, stack: Stack) -> Problems:
    """Asked only of the stack that makes the settings of its account."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    if holds_everywhere(stack, _SETTING, lambda setting: _is(setting, _AUTOMATION_LOG, "cloudwatch")):
        return None
    return "ServiceSetting does not send automation's log to CloudWatch in every region of the stack"


@rule(
    name="ssm-sessions-logged",
    title="Sessions are logged",
    severity=Severity.MEDIUM,
    types=(_DOCUMENT,),
    why="A session is a shell on a machine; only the log says what was typed there.",
    fix="""
        aws.ssm.Document(
            "sessions",
            name="SSM-SessionManagerRunShell",
            document_type="Session",
            content=json.dumps({
                "schemaVersion": "1.0",
                "sessionType": "Standard_Stream",
                "inputs": {
                    "cloudWatchLogGroupName": "sessions",
                    "cloudWatchEncryptionEnabled": True,
                    "kmsKeyId": "alias/sessions",
                },
            }),
        )
    """,
    link=f"{_GUIDE}/session-manager-logging.html",
)
def sessions_logged(document: Resource) -> Problems:
    """Not logged by default. A log that asks for no encryption may lie readable."""
    if not _is_preferences(document):
        return OUT_OF_SCOPE
    inputs = document.document("content").object("inputs")
    if not inputs.is_present("cloudWatchLogGroupName") and not inputs.is_present("s3BucketName"):
        return "its inputs name no log group and no bucket"
    if inputs.is_present("cloudWatchLogGroupName") and not inputs.flag(
        "cloudWatchEncryptionEnabled", default=True
    ):
        return "inputs.cloudWatchEncryptionEnabled is off"
    if inputs.is_present("s3BucketName") and not inputs.flag("s3EncryptionEnabled", default=True):
        return "inputs.s3EncryptionEnabled is off"
    return None


@rule(
    name="ssm-sessions-encrypted-with-own-key",
    title="Sessions are encrypted with a key of one's own",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_DOCUMENT,),
    why="With a key, opening a session takes a right on it as well, on both sides.",
    fix="""
        aws.ssm.Document(
            "sessions",
            name="SSM-SessionManagerRunShell",
            document_type="Session",
            content=json.dumps({
                "schemaVersion": "1.0",
                "sessionType": "Standard_Stream",
                "inputs": {"kmsKeyId": "alias/sessions", "cloudWatchLogGroupName": "sessions"},
            }),
        )
    """,
    link=f"{_GUIDE}/session-preferences-enable-encryption.html",
)
def sessions_encrypted_with_own_key(document: Resource) -> Problems:
    """TLS alone by default."""
    if not _is_preferences(document):
        return OUT_OF_SCOPE
    if document.document("content").object("inputs").is_present("kmsKeyId"):
        return None
    return "its inputs name no kmsKeyId"


def _is_preferences(document: Resource) -> bool:
    """Whether a document, in JSON, says how sessions run."""
    return (
        document.text("documentType") == "Session"
        and document.text("documentFormat", default="JSON").upper() == "JSON"
    )


# The maintenance window --------------------------------------------------------------------------------


@rule(
    name="ssm-maintenance-window",
    title="Machines are maintained inside the maintenance window",
    severity=Severity.LOW,
    types=(_WINDOW,),
    why="Patches may restart a machine; outside of the window nobody expects it.",
    fix="""
        aws.ssm.MaintenanceWindow(
            "window", schedule="cron(0 2 ? * SUN *)", schedule_timezone="UTC", duration=2, cutoff=1
        )
    """,
    link=f"{_GUIDE}/maintenance-windows.html",
)
def machines_maintenance_window(window: Resource, *, maintenance_window: str) -> Problems:
    """It is enabled by default, and in UTC."""
    if not maintenance_window or not window.flag("enabled", default=True):
        return OUT_OF_SCOPE
    allowed = weekly(maintenance_window)
    spans = scheduled(
        window.text("schedule"),
        window.text("scheduleTimezone"),
        int(window.number("duration", default=1)),
        int(window.number("scheduleOffset", default=0)),
    )
    if allowed is None or not spans or not all(allowed.holds(span) for span in spans):
        return "schedule and duration are not inside the pack's maintenance_window"
    return None


@rule(
    name="ssm-maintenance-window-used",
    title="Something happens in a maintenance window",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_WINDOW,),
    why="A window without a task opens and closes, and no patch is installed.",
    fix="""
        aws.ssm.MaintenanceWindowTask(
            "patches",
            window_id=window.id,
            task_type="RUN_COMMAND",
            task_arn="AWS-RunPatchBaseline",
            task_invocation_parameters={"run_command_parameters": {
                "parameters": [{"name": "Operation", "values": ["Install"]}],
            }},
        )
    """,
    link=f"{_GUIDE}/maintenance-windows.html",
)
def maintenance_window_used(window: Resource, stack: Stack) -> Problems:
    """There is no task by default."""
    if any(stack.beside(window, _TASK, by="windowId")):
        return None
    return "it has no MaintenanceWindowTask"


@rule(
    name="ssm-patches-installed",
    title="Patches are installed, not only looked for",
    severity=Severity.MEDIUM,
    types=(_TASK, "aws:ssm/association:Association"),
    why="A hole that is known and left open is what attackers try first.",
    fix="""
        aws.ssm.MaintenanceWindowTask(
            "patches",
            window_id=window.id,
            task_type="RUN_COMMAND",
            task_arn="AWS-RunPatchBaseline",
            task_invocation_parameters={"run_command_parameters": {
                "parameters": [{"name": "Operation", "values": ["Install"]}],
            }},
        )
    """,
    link=f"{_GUIDE}/patch-manager-aws-runpatchbaseline.html",
)
def patches_installed(task: Resource) -> Problems:
    """The document asks which of the two; it has no default."""
    if task.type == _TASK:
        if not task.text("taskArn").endswith(_PATCHES):
            return OUT_OF_SCOPE
        parameters = task.object("taskInvocationParameters.runCommandParameters").objects("parameters")
        installs = any_holds(
            lambda parameter: parameter.text("name") == "Operation" and _installs(parameter, "values"),
            parameters,
        )
    else:
        if not task.text("name").endswith(_PATCHES):
            return OUT_OF_SCOPE
        installs = _installs(task, "parameters.Operation")
    return None if installs else "its parameter Operation is not Install"


_PATCHES: Final = ("AWS-RunPatchBaseline", "AWS-RunPatchBaselineWithHooks")


def _installs(view: View, path: str) -> bool:
    return any_holds(lambda value: value == "Install", view.texts(path))
