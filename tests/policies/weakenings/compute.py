"""EC2, EC2 Auto Scaling, Lambda, CodeBuild and Systems Manager."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.policies.weakenings.databases import GUIDE_WINDOW
from tests.policies.weakenings.documents import STRANGER
from tests.policies.weakenings.edits import (
    Output,
    Target,
    add,
    beside,
    change,
    delete,
    drop,
    has,
    only_first,
    rewrite,
    together,
)
from tests.policies.weakenings.identity import GUIDE_CREDENTIALS
from tests.policies.weakenings.literals import (
    ACCESS_KEY_ID,
    API_KEY,
    DATABASE_URL,
    PASSWORD,
    PRIVATE_KEY,
    SECRET_ACCESS_KEY,
)
from tests.policies.weakenings.model import Edit, Kind, Weakening

instance = Target("EC2", "aws:ec2/instance:Instance")
template = Target("EC2", "aws:ec2/launchTemplate:LaunchTemplate")
metadata_defaults = Target("EC2", "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults")
encryption_default = Target("EC2", "aws:ebs/encryptionByDefault:EncryptionByDefault")
default_key = Target("EC2", "aws:ebs/defaultKmsKey:DefaultKmsKey")
snapshots = Target("EC2", "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess")
images = Target("EC2", "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess")

group = Target("EC2 Auto Scaling", "aws:autoscaling/group:Group")

function = Target("Lambda", "aws:lambda/function:Function")
permission = Target("Lambda", "aws:lambda/permission:Permission")

project = Target("CodeBuild", "aws:codebuild/project:Project")

document = Target("Systems Manager", "aws:ssm/document:Document")
setting = Target("Systems Manager", "aws:ssm/serviceSetting:ServiceSetting")
parameter = Target("Systems Manager", "aws:ssm/parameter:Parameter")
window = Target("Systems Manager", "aws:ssm/maintenanceWindow:MaintenanceWindow")
task = Target("Systems Manager", "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask")

_SESSIONS = "guide: Access Control, no manual SSH; design: Session Manager is the audited break-glass"

_EXPORTS: Mapping[str, str] = {
    "a password": f"\nexport DATABASE_PASSWORD={PASSWORD}\n",
    "a database's address with its password": f"\nexport DATABASE_URL={DATABASE_URL}\n",
    "AWS's access keys": f"\nAWS_ACCESS_KEY_ID={ACCESS_KEY_ID}\nAWS_SECRET_ACCESS_KEY={SECRET_ACCESS_KEY}\n",
    "a private key": f"\ncat > /etc/key.pem <<EOF\n{PRIVATE_KEY}\nEOF\n",
}
"""Lines of a shell script with a credential."""

_VARIABLES: Mapping[str, tuple[str, str]] = {
    "a password": ("DATABASE_PASSWORD", PASSWORD),
    "a database's address with its password": ("DATABASE_URL", DATABASE_URL),
    "an API key": ("OPENAI_API_KEY", API_KEY),
    "an access key, by a harmless name": ("SETTING", ACCESS_KEY_ID),
}
"""Environment variables with a credential."""


def _in_base64(line: str) -> Callable[[str], str]:
    return lambda text: base64.b64encode(base64.b64decode(text) + line.encode()).decode()


def _appended(line: str) -> Callable[[str], str]:
    return lambda text: text + line


_IMDS = "EC2.8, CIS 5.6"

EC2: tuple[Weakening, ...] = (
    *instance.off(
        Kind.AUTHENTICATION, "metadata without a token", _IMDS, "metadataOptions.httpTokens", "optional"
    ),
    instance(Kind.AUTHENTICATION, "no options for its metadata", _IMDS, drop("metadataOptions")),
    instance(
        Kind.AUTHENTICATION,
        "metadata many hops away",
        "EC2.8: the hop limit",
        change("metadataOptions.httpPutResponseHopLimit", 64),
    ),
    instance(Kind.PUBLIC, "a public address", "EC2.9", add("associatePublicIpAddress", True)),
    instance(
        Kind.PUBLIC,
        "a public address, by an Elastic IP",
        "EC2.9",
        beside("aws:ec2/eip:Eip", {"domain": "vpc", "instance": Output("id")}),
    ),
    instance(
        Kind.PUBLIC,
        "a public address, by an association",
        "EC2.9",
        beside(
            "aws:ec2/eipAssociation:EipAssociation",
            {"allocationId": "eipalloc-0123456789abcdef0", "instanceId": Output("id")},
        ),
    ),
    *instance.off(
        Kind.ENCRYPTION, "its disk not encrypted", "EC2.3, CIS 2.2.1", "rootBlockDevice.encrypted", False
    ),
    instance(
        Kind.ENCRYPTION,
        "a second disk that is not encrypted",
        "EC2.3, CIS 2.2.1",
        add("ebsBlockDevices", [{"deviceName": "/dev/sdf", "volumeSize": 8, "encrypted": False}]),
    ),
    instance(
        Kind.KEY,
        "its disk under AWS's key instead of our own",
        "guide: encryption",
        drop("rootBlockDevice.kmsKeyId"),
    ),
    instance(Kind.ISOLATION, "in the VPC's default security group", "EC2.2", drop("vpcSecurityGroupIds")),
    instance(
        Kind.ISOLATION, "forwards others' traffic", "EC2.180, by analogy", add("sourceDestCheck", False)
    ),
    instance(Kind.AUTHENTICATION, "no role of its own", "CIS 1.18", drop("iamInstanceProfile")),
    *(
        instance(
            Kind.SECRET, f"{what} in its user data", GUIDE_CREDENTIALS, rewrite("userData", _appended(line))
        )
        for what, line in _EXPORTS.items()
    ),
    instance(
        Kind.SECRET,
        "a password in its user data, in base64",
        GUIDE_CREDENTIALS,
        together(
            drop("userData"),
            add("userDataBase64", base64.b64encode(_EXPORTS["a password"].encode()).decode()),
        ),
    ),
    instance.tagged(PASSWORD),
    *template.off(
        Kind.AUTHENTICATION, "metadata without a token", "EC2.170", "metadataOptions.httpTokens", "optional"
    ),
    template(Kind.AUTHENTICATION, "no options for its metadata", "EC2.170", drop("metadataOptions")),
    template(
        Kind.AUTHENTICATION,
        "metadata many hops away",
        "AutoScaling.4, by analogy",
        change("metadataOptions.httpPutResponseHopLimit", 64),
    ),
    template(
        Kind.PUBLIC,
        "public addresses",
        "EC2.25",
        change("networkInterfaces.*.associatePublicIpAddress", "true"),
    ),
    *template.off(
        Kind.ENCRYPTION, "disks not encrypted", "EC2.181", "blockDeviceMappings.*.ebs.encrypted", "false"
    ),
    template(
        Kind.KEY,
        "disks under AWS's key instead of our own",
        "guide: encryption",
        drop("blockDeviceMappings.*.ebs.kmsKeyId"),
    ),
    template(
        Kind.ISOLATION,
        "in the VPC's default security group",
        "EC2.2",
        drop("networkInterfaces.*.securityGroups"),
    ),
    template(
        Kind.PUBLIC,
        "its image shared with everybody",
        "EC2: block public access for images",
        beside(
            "aws:ec2/amiLaunchPermission:AmiLaunchPermission", {"imageId": Output("imageId"), "group": "all"}
        ),
    ),
    template(Kind.AUTHENTICATION, "no role of its own", "CIS 1.18", drop("iamInstanceProfile")),
    *(
        template(
            Kind.SECRET, f"{what} in its user data", GUIDE_CREDENTIALS, rewrite("userData", _in_base64(line))
        )
        for what, line in _EXPORTS.items()
    ),
    template.tagged(PASSWORD),
    metadata_defaults.deleted(_IMDS),
    *metadata_defaults.off(Kind.AUTHENTICATION, "metadata without a token", _IMDS, "httpTokens", "optional"),
    encryption_default.deleted("EC2.7"),
    encryption_default(Kind.ENCRYPTION, "off", "EC2.7", change("enabled", False)),
    default_key(Kind.KEY, "deleted: AWS's key instead of our own", "guide: encryption", delete),
    snapshots.deleted("EC2.1"),
    snapshots(Kind.PUBLIC, "public snapshots allowed", "EC2.1", change("state", "unblocked")),
    images.deleted("EC2: block public access for images"),
    images(
        Kind.PUBLIC,
        "public images allowed",
        "EC2: block public access for images",
        change("state", "unblocked"),
    ),
)

_SPECIFICATION = "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.version"

AUTO_SCALING: tuple[Weakening, ...] = (
    group(
        Kind.RELEASE,
        "the newest template, whatever it is",
        "design: rollback needs a literal version",
        change(_SPECIFICATION, "$Latest"),
    ),
    group(
        Kind.RELEASE,
        "the default template",
        "design: rollback needs a literal version",
        change(_SPECIFICATION, "$Default"),
    ),
    group(
        Kind.RELEASE,
        "no version of the template",
        "design: rollback needs a literal version",
        drop(_SPECIFICATION),
    ),
    *group.off(Kind.AVAILABILITY, "health of the machine alone", "AutoScaling.1", "healthCheckType", "EC2"),
    group(Kind.AVAILABILITY, "in one availability zone", "AutoScaling.2", only_first("vpcZoneIdentifiers")),
    group(
        Kind.AVAILABILITY,
        "one instance type",
        "AutoScaling.6",
        only_first("mixedInstancesPolicy.launchTemplate.overrides"),
    ),
    group(
        Kind.RELEASE,
        "a launch configuration instead of a template",
        "AutoScaling.9",
        together(drop("mixedInstancesPolicy"), add("launchConfiguration", "old-style")),
    ),
)

LAMBDA: tuple[Weakening, ...] = (
    *(
        function(
            Kind.SECRET,
            f"{what} in its environment",
            GUIDE_CREDENTIALS,
            add(f"environment.variables.{name}", value),
        )
        for what, (name, value) in _VARIABLES.items()
    ),
    function.tagged(PASSWORD),
    function(Kind.KEY, "its environment under AWS's key", "guide: encryption", drop("kmsKeyArn")),
    function(Kind.UPGRADES, "a runtime without support", "Lambda.2", change("runtime", "python3.8")),
    function(Kind.ISOLATION, "outside of the VPC", "Lambda.3", drop("vpcConfig")),
    function(Kind.AVAILABILITY, "in one availability zone", "Lambda.5", only_first("vpcConfig.subnetIds")),
    function(
        Kind.PUBLIC,
        "an address that asks nobody who they are",
        "Lambda.1",
        beside(
            "aws:lambda/functionUrl:FunctionUrl",
            {"functionName": Output("name"), "authorizationType": "NONE"},
        ),
    ),
    function(
        Kind.PUBLIC,
        "callable by everybody",
        "Lambda.1",
        beside(
            permission.type,
            {"action": "lambda:InvokeFunction", "function": Output("name"), "principal": "*"},
        ),
    ),
    function(
        Kind.AUTHENTICATION,
        "callable by another account",
        "Lambda.1",
        beside(
            permission.type,
            {"action": "lambda:*", "function": Output("name"), "principal": STRANGER},
        ),
    ),
    permission(
        Kind.PUBLIC,
        "callable by everybody",
        "Lambda.1",
        together(change("principal", "*"), drop("sourceAccount"), drop("sourceArn")),
    ),
    permission(
        Kind.AUTHENTICATION,
        "callable by the service for any account",
        "Lambda.1: the confused deputy",
        together(drop("sourceAccount"), drop("sourceArn")),
    ),
)


def _variable(name: str, value: str) -> Edit:
    variable = {"name": name, "type": "PLAINTEXT", "value": value}
    return rewrite("environment.environmentVariables", lambda given: [*given, variable])


CODEBUILD: tuple[Weakening, ...] = (
    *(
        project(
            Kind.SECRET,
            f"{what} in its environment",
            f"CodeBuild.2; {GUIDE_CREDENTIALS}",
            _variable(name, value),
        )
        for what, (name, value) in _VARIABLES.items()
    ),
    project(Kind.KEY, "artifacts under AWS's key", "guide: encryption", drop("encryptionKey")),
    project(
        Kind.LOGGING,
        "no logs",
        "CodeBuild.4",
        change("logsConfig.cloudwatchLogs", {"status": "DISABLED"}),
    ),
    project(
        Kind.ISOLATION,
        "privileged",
        "CodeBuild best practices: no privileged mode",
        add("environment.privilegedMode", True),
    ),
)


def _session(**changes: Any) -> Edit:
    """Changes the inputs of a Session Manager document."""

    def renewed(text: str) -> str:
        content = json.loads(text)
        return json.dumps({**content, "inputs": {**content["inputs"], **changes}})

    return rewrite("content", renewed)


SYSTEMS_MANAGER: tuple[Weakening, ...] = (
    document(
        Kind.PUBLIC,
        "shared with everybody",
        "SSM.4",
        add("permissions", {"type": "Share", "accountIds": "All"}),
    ),
    document(
        Kind.LOGGING,
        "sessions not logged",
        _SESSIONS,
        _session(cloudWatchLogGroupName="", cloudWatchStreamingEnabled=False),
    ),
    document(Kind.ENCRYPTION, "sessions not encrypted by a key", _SESSIONS, _session(kmsKeyId="")),
    document(
        Kind.ENCRYPTION,
        "session logs may be in plain text",
        _SESSIONS,
        _session(cloudWatchEncryptionEnabled=False),
    ),
    document(
        Kind.AUTHENTICATION,
        "idle sessions stay open",
        _SESSIONS,
        _session(idleSessionTimeout="60"),
        excluded="how long a session may idle neither the guide nor a control says",
    ),
    setting(
        Kind.SIDE_RESOURCE,
        "automation's log deleted",
        "SSM.6",
        delete,
        where=has("settingValue", "CloudWatch"),
    ),
    setting(
        Kind.SIDE_RESOURCE,
        "block of public sharing deleted",
        "SSM.7",
        delete,
        where=has("settingValue", "Disable"),
    ),
    setting(
        Kind.PUBLIC,
        "public sharing of documents",
        "SSM.7",
        change("settingValue", "Enable"),
        where=has("settingValue", "Disable"),
    ),
    parameter(
        Kind.SECRET,
        "a database's address with its password",
        GUIDE_CREDENTIALS,
        change("insecureValue", DATABASE_URL),
    ),
    parameter(
        Kind.SECRET,
        "an access key",
        GUIDE_CREDENTIALS,
        change("insecureValue", f"{ACCESS_KEY_ID}:{SECRET_ACCESS_KEY}"),
    ),
    parameter(
        Kind.SECRET,
        "an API key, as its value",
        GUIDE_CREDENTIALS,
        together(drop("insecureValue"), add("value", API_KEY)),
    ),
    parameter(
        Kind.SECRET,
        "a parameter beside it, of type String, called JWT_SECRET",
        GUIDE_CREDENTIALS,
        beside(
            "aws:ssm/parameter:Parameter",
            {"name": "/weakened/app/JWT_SECRET", "type": "String", "value": PASSWORD},
        ),
    ),
    window(Kind.WINDOW, "on Mondays at noon", GUIDE_WINDOW, change("schedule", "cron(0 12 ? * MON *)")),
    window(Kind.WINDOW, "every day", GUIDE_WINDOW, change("schedule", "cron(0 2 * * ? *)")),
    window(Kind.WINDOW, "in another time zone", GUIDE_WINDOW, change("scheduleTimezone", "America/New_York")),
    window(Kind.WINDOW, "six hours long", "guide: Planned Maintenance, max 2 hours", change("duration", 6)),
    task(Kind.UPGRADES, "patches no longer installed", "SSM.2: patches; guide: Maintenance Tasks", delete),
    task(
        Kind.UPGRADES,
        "patches looked for and not installed",
        "SSM.2: patches; guide: Maintenance Tasks",
        change(
            "taskInvocationParameters.runCommandParameters.parameters",
            [{"name": "Operation", "values": ["Scan"]}],
        ),
    ),
)

WEAKENINGS: tuple[Weakening, ...] = (*EC2, *AUTO_SCALING, *LAMBDA, *CODEBUILD, *SYSTEMS_MANAGER)
