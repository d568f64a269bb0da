"""What the rules of Systems Manager decide."""

import json
from typing import Any

from policies.evaluate import Verdict
from policies.rules import ssm
from tests.policies.kit import MAIN, Case, Side, judged
from tests.policies.rules.test_account import of_account

_SETTING = "aws:ssm/serviceSetting:ServiceSetting"
_TASK = "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask"
_SHARING = "arn:aws:ssm:us-west-2:111122223333:servicesetting/ssm/documents/console/public-sharing-permission"
_AUTOMATION = "/ssm/automation/customer-script-log-destination"
_WINDOW = {"maintenance_window": "sun:02:00-sun:04:00"}
_SESSION = {"documentType": "Session", "documentFormat": "JSON"}
_COMMAND = [{"documentType": "Command", "documentFormat": "YAML"}]


def _content(**inputs: Any) -> dict[str, str]:
    return {"content": json.dumps({"schemaVersion": "1.0", "inputs": inputs})}


def _patching(operation: str) -> dict[str, Any]:
    return {
        "taskInvocationParameters": {
            "runCommandParameters": {"parameters": [{"name": "Operation", "values": [operation]}]}
        }
    }


CASES = (
    Case(
        ssm.document_private,
        compliant={"permissions": {"type": "Share", "accountIds": "111122223333"}},
        violating={"permissions": {"type": "Share", "accountIds": "All"}},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        ssm.public_sharing_blocked,
        base={"settingId": _SHARING},
        compliant={"settingValue": "Disable"},
        violating={"settingValue": "Enable"},
        out_of_scope=[{"settingId": _AUTOMATION}],
    ),
    Case(
        ssm.automation_logged,
        base={"settingId": _AUTOMATION},
        compliant={"settingValue": "CloudWatch"},
        violating={"settingValue": ""},
        out_of_scope=[{"settingId": _SHARING}],
    ),
    of_account(
        ssm.account_public_sharing_blocked,
        _SETTING,
        {"settingId": _SHARING, "settingValue": "Disable"},
        {"settingId": _SHARING, "settingValue": "Enable"},
    ),
    of_account(
        ssm.account_automation_logged,
        _SETTING,
        {"settingId": _AUTOMATION, "settingValue": "CloudWatch"},
        {"settingId": _AUTOMATION, "settingValue": ""},
    ),
    *(
        Case(
            ssm.sessions_logged,
            base=_SESSION,
            compliant=_content(**given),
            violating=_content(**given, **plain),
            # The type requires it, and without it nothing is logged.
            absent=Verdict.VIOLATED,
            more_violating=[_content()],
            out_of_scope=_COMMAND,
        )
        for given, plain in (
            ({"cloudWatchLogGroupName": "sessions"}, {"cloudWatchEncryptionEnabled": False}),
            ({"s3BucketName": "sessions"}, {"s3EncryptionEnabled": False}),
        )
    ),
    Case(
        ssm.sessions_encrypted_with_own_key,
        base=_SESSION,
        compliant=_content(kmsKeyId="alias/sessions"),
        violating=_content(kmsKeyId=""),
        out_of_scope=_COMMAND,
    ),
    Case(
        ssm.machines_maintenance_window,
        base={"duration": 2},
        compliant={"schedule": "cron(0 2 ? * SUN *)"},
        violating={"schedule": "cron(0 2 ? * MON *)"},
        more_violating=[
            {"schedule": "cron(0 2 * * ? *)"},
            {"schedule": "weekly"},
            {"schedule": "cron(0 2 ? * SUN *)", "duration": 3},
            {"schedule": "cron(0 2 ? * SUN *)", "scheduleTimezone": "America/New_York"},
        ],
        more_compliant=[{"schedule": "cron(0 2 ? * SAT *)", "scheduleOffset": 1}],
        settings=_WINDOW,
        out_of_scope=[{"enabled": False}],
    ),
    Case(
        ssm.maintenance_window_used,
        compliant_beside=[Side(_TASK, windowId=MAIN)],
    ),
    Case(
        ssm.patches_installed,
        base={"taskArn": "AWS-RunPatchBaseline"},
        compliant=_patching("Install"),
        violating=_patching("Scan"),
        out_of_scope=[{"taskArn": "AWS-RunShellScript"}],
    ),
    Case(
        ssm.patches_installed,
        type="aws:ssm/association:Association",
        base={"name": "AWS-RunPatchBaseline"},
        compliant={"parameters": {"Operation": "Install"}},
        violating={"parameters": {"Operation": "Scan"}},
        out_of_scope=[{"name": "AWS-GatherSoftwareInventory"}],
    ),
)

test_cases = judged(CASES)
