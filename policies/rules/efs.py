"""File systems: EFS, the access points and mount targets through which they are reached."""

from typing import Final

from policies import iam
from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.selections import is_selected
from policies.stack import Stack
from policies.subnets import SUBNET, reaches_internet
from policies.transport import denies_plain_http
from policies.view import Resource, any_holds, one_holds

_FILES: Final = "aws:efs/fileSystem:FileSystem"
_POINT: Final = "aws:efs/accessPoint:AccessPoint"
_MOUNT: Final = "aws:efs/mountTarget:MountTarget"
_BACKUPS: Final = "aws:efs/backupPolicy:BackupPolicy"
_POLICY: Final = "aws:efs/fileSystemPolicy:FileSystemPolicy"
_REPLICATION: Final = "aws:efs/replicationConfiguration:ReplicationConfiguration"
_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/efs-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/efs/latest/ug"


@rule(
    name="efs-encrypted-at-rest",
    title="File systems are encrypted at rest",
    severity=Severity.MEDIUM,
    controls=("EFS.1", "EFS.8", "CIS 2.4.1"),
    types=(_FILES,),
    why="Whoever gets at the storage or a backup reads every file, and it cannot be encrypted later.",
    fix="""
        aws.efs.FileSystem("files", encrypted=True, kms_key_id=key.arn)
    """,
    link=f"{_FSBP}#efs-1",
)
def encrypted_at_rest(files: Resource) -> Problems:
    """Off by default."""
    return None if files.flag("encrypted", default=False) else "encrypted is not on"


@rule(
    name="efs-encrypted-with-own-key",
    title="File systems are encrypted with a key of one's own",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_FILES,),
    why="AWS's own key can neither be shared with another account nor be taken away from anybody.",
    fix="""
        aws.efs.FileSystem("files", encrypted=True, kms_key_id=key.arn)
    """,
    link=f"{_GUIDE}/encryption-at-rest.html",
)
def encrypted_with_own_key(files: Resource) -> Problems:
    """Without a key, AWS takes the account's `aws/elasticfilesystem`."""
    return None if files.is_present("kmsKeyId") else "it has no kms_key_id"


@rule(
    name="efs-in-backup-plan",
    title="A backup plan covers file systems",
    severity=Severity.MEDIUM,
    controls=("EFS.2",),
    types=(_FILES,),
    why="What somebody deletes or encrypts is gone without a backup.",
    fix="""
        aws.backup.Selection("files", plan_id=plan.id, iam_role_arn=role.arn, resources=[files.arn])
    """,
    link=f"{_FSBP}#efs-2",
)
def in_backup_plan(files: Resource, stack: Stack) -> Problems:
    """EFS's own automatic backups are a plan of AWS Backup too."""
    if one_holds(
        lambda: is_selected(files, stack),
        lambda: any_holds(_backs_up, stack.beside(files, _BACKUPS, by="fileSystemId")),
    ):
        return None
    return "no backup plan of the stack selects it, and it has no BackupPolicy"


@rule(
    name="efs-automatic-backups",
    title="File systems are backed up automatically",
    severity=Severity.MEDIUM,
    controls=("EFS.7",),
    types=(_FILES,),
    why="A plan that somebody changes may leave a file system out; its own policy does not.",
    fix="""
        aws.efs.BackupPolicy("backups", file_system_id=files.id, backup_policy={"status": "ENABLED"})
    """,
    link=f"{_FSBP}#efs-7",
)
def automatic_backups(files: Resource, stack: Stack) -> Problems:
    """Off for what the API makes, unless a resource beside it turns them on."""
    if any_holds(_backs_up, stack.beside(files, _BACKUPS, by="fileSystemId")):
        return None
    return "it has no BackupPolicy with the status ENABLED"


def _backs_up(policy: Resource) -> bool:
    return policy.text("backupPolicy.status").upper() == "ENABLED"


@rule(
    name="efs-copied-to-another-region",
    title="File systems are replicated to another region",
    severity=Severity.MEDIUM,
    types=(_FILES,),
    why="With a region, the only copy of the files is out of reach.",
    fix="""
        aws.efs.ReplicationConfiguration(
            "copy", source_file_system_id=files.id, destination={"region": "us-east-2"}
        )
    """,
    link=f"{_GUIDE}/efs-replication.html",
)
def copied_to_another_region(files: Resource, stack: Stack, *, copies_to_other_region: bool) -> Problems:
    """Nothing is copied by default; a plan of AWS Backup copies too."""
    if not copies_to_other_region:
        return OUT_OF_SCOPE
    if one_holds(
        lambda: any(stack.beside(files, _REPLICATION, by="sourceFileSystemId")),
        lambda: is_selected(files, stack),
    ):
        return None
    return "it has no ReplicationConfiguration, and no backup plan of the stack selects it"


@rule(
    name="efs-access-point-root",
    title="Access points open a directory, not the whole file system",
    severity=Severity.MEDIUM,
    controls=("EFS.3",),
    types=(_POINT,),
    why="An application needs its own directory, not everybody's.",
    fix="""
        aws.efs.AccessPoint("uploads", file_system_id=files.id, root_directory={"path": "/uploads"})
    """,
    link=f"{_FSBP}#efs-3",
)
def access_point_root(point: Resource) -> Problems:
    """The whole file system by default."""
    root = point.text("rootDirectory.path", default="/")
    return "root_directory.path is the whole file system" if root in ("", "/") else None


@rule(
    name="efs-access-point-user",
    title="Access points say as whom files are read and written",
    severity=Severity.MEDIUM,
    controls=("EFS.4",),
    types=(_POINT,),
    why="Without a user, a client says itself who it is, root among it.",
    fix="""
        aws.efs.AccessPoint(
            "uploads", file_system_id=files.id, posix_user={"uid": 1000, "gid": 1000}
        )
    """,
    link=f"{_FSBP}#efs-4",
)
def access_point_user(point: Resource) -> Problems:
    """The client's own user by default."""
    return None if point.is_present("posixUser") else "it has no posix_user"


@rule(
    name="efs-mount-target-private",
    title="Mount targets are in private subnets",
    severity=Severity.MEDIUM,
    controls=("EFS.6",),
    types=(_MOUNT,),
    why="In a public subnet, one careless rule of a security group opens the files to the internet.",
    fix="""
        aws.efs.MountTarget("mount", file_system_id=files.id, subnet_id=private_subnet.id)
    """,
    link=f"{_FSBP}#efs-6",
)
def mount_target_private(mount: Resource, stack: Stack) -> Problems:
    """A subnet gives no public addresses by default, and has no route to the internet."""
    subnets = stack.behind(mount, "subnetId", SUBNET)
    if any_holds(
        lambda subnet: one_holds(
            lambda: subnet.flag("mapPublicIpOnLaunch", default=False),
            lambda: reaches_internet(subnet, stack),
        ),
        subnets,
    ):
        return "its subnet is public"
    return None


@rule(
    name="efs-mount-target-security-groups-named",
    title="Mount targets have security groups of their own",
    severity=Severity.MEDIUM,
    types=(_MOUNT,),
    why="Without one, AWS takes the VPC's default group, which lets in whatever else is in it.",
    fix="""
        aws.efs.MountTarget("mount", file_system_id=files.id, security_groups=[group.id])
    """,
    link=f"{_GUIDE}/network-access.html",
)
def mount_target_security_groups_named(mount: Resource) -> Problems:
    """That one is given is enough; what it lets in is its own rules' matter."""
    return None if mount.is_present("securityGroups") else "it has no security_groups"


@rule(
    name="efs-policy-requires-tls",
    title="Policies of file systems turn plain connections away",
    severity=Severity.MEDIUM,
    types=(_POLICY,),
    why="Without TLS, files cross the network readable.",
    fix="""
        aws.efs.FileSystemPolicy("policy", file_system_id=files.id, policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }],
        }))
    """,
    link=f"{_GUIDE}/iam-access-control-nfs-efs.html",
)
def policy_requires_tls(policy: Resource) -> Problems:
    """Plain connections are served unless a policy denies them."""
    if denies_plain_http(iam.parse(policy, "policy"), "elasticfilesystem:ClientMount"):
        return None
    return "no statement denies everyone what comes without TLS"
