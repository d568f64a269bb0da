"""File systems of FSx: Lustre, NetApp ONTAP, OpenZFS and Windows."""

from typing import Final

from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.view import Resource
from policies.windows import of_file_system, weekly

_LUSTRE: Final = "aws:fsx/lustreFileSystem:LustreFileSystem"
_ONTAP: Final = "aws:fsx/ontapFileSystem:OntapFileSystem"
_OPENZFS: Final = "aws:fsx/openZfsFileSystem:OpenZfsFileSystem"
_WINDOWS: Final = "aws:fsx/windowsFileSystem:WindowsFileSystem"
_ALL: Final = (_LUSTRE, _ONTAP, _OPENZFS, _WINDOWS)
_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/fsx-controls.html"


@rule(
    name="fsx-openzfs-copies-tags",
    title="Backups and volumes of OpenZFS file systems carry their tags",
    severity=Severity.LOW,
    controls=("FSx.1",),
    types=(_OPENZFS,),
    why="What goes by tags, access and cost among it, does not see a backup without them.",
    fix="""
        aws.fsx.OpenZfsFileSystem("files", copy_tags_to_backups=True, copy_tags_to_volumes=True)
    """,
    link=f"{_FSBP}#fsx-1",
)
def openzfs_copies_tags(files: Resource) -> Problems:
    """Both are off by default."""
    if not files.flag("copyTagsToBackups", default=False):
        yield "copy_tags_to_backups is not on"
    if not files.flag("copyTagsToVolumes", default=False):
        yield "copy_tags_to_volumes is not on"


@rule(
    name="fsx-lustre-copies-tags",
    title="Backups of Lustre file systems carry their tags",
    severity=Severity.LOW,
    controls=("FSx.2",),
    types=(_LUSTRE,),
    why="What goes by tags, access and cost among it, does not see a backup without them.",
    fix="""
        aws.fsx.LustreFileSystem("files", deployment_type="PERSISTENT_2", copy_tags_to_backups=True)
    """,
    link=f"{_FSBP}#fsx-2",
)
def lustre_copies_tags(files: Resource) -> Problems:
    """Off by default. A scratch file system, which is the default, has no backups."""
    if files.text("deploymentType", default="SCRATCH_1").startswith("SCRATCH"):
        return OUT_OF_SCOPE
    return None if files.flag("copyTagsToBackups", default=False) else "copy_tags_to_backups is not on"


@rule(
    name="fsx-openzfs-multi-az",
    title="OpenZFS file systems are in two availability zones",
    severity=Severity.MEDIUM,
    controls=("FSx.3",),
    types=(_OPENZFS,),
    why="With its zone, a file system in one zone is gone.",
    fix="""
        aws.fsx.OpenZfsFileSystem("files", deployment_type="MULTI_AZ_1")
    """,
    link=f"{_FSBP}#fsx-3",
)
def openzfs_multi_az(files: Resource) -> Problems:
    """There is no default: every file system says its type."""
    return _in_two_zones(files)


@rule(
    name="fsx-ontap-multi-az",
    title="ONTAP file systems are in two availability zones",
    severity=Severity.MEDIUM,
    controls=("FSx.4",),
    types=(_ONTAP,),
    why="With its zone, a file system in one zone is gone.",
    fix="""
        aws.fsx.OntapFileSystem("files", deployment_type="MULTI_AZ_2")
    """,
    link=f"{_FSBP}#fsx-4",
)
def ontap_multi_az(files: Resource) -> Problems:
    """There is no default: every file system says its type."""
    return _in_two_zones(files)


@rule(
    name="fsx-windows-multi-az",
    title="Windows file systems are in two availability zones",
    severity=Severity.MEDIUM,
    controls=("FSx.5",),
    types=(_WINDOWS,),
    why="With its zone, a file system in one zone is gone.",
    fix="""
        aws.fsx.WindowsFileSystem("files", deployment_type="MULTI_AZ_1")
    """,
    link=f"{_FSBP}#fsx-5",
)
def windows_multi_az(files: Resource) -> Problems:
    """In one zone by default."""
    return _in_two_zones(files)


def _in_two_zones(files: Resource) -> Problems:
    if files.text("deploymentType").startswith("MULTI_AZ"):
        return None
    return "deployment_type is not one of several zones"


@rule(
    name="fsx-backup-retention",
    title="File systems of FSx keep automatic backups long enough",
    severity=Severity.MEDIUM,
    types=_ALL,
    why="What is noticed after the last backup is gone cannot be restored.",
    fix="""
        aws.fsx.OpenZfsFileSystem("files", automatic_backup_retention_days=30)
    """,
    link="https://docs.aws.amazon.com/fsx/latest/OpenZFSGuide/using-backups.html",
)
def backup_retention(files: Resource, *, minimum_backup_retention_days: int) -> Problems:
    """A week by default for Windows, none for the others. Lustre's scratch file systems have no backups."""
    if files.type == _LUSTRE and files.text("deploymentType", default="SCRATCH_1").startswith("SCRATCH"):
        return OUT_OF_SCOPE
    default = _A_WEEK if files.type == _WINDOWS else 0
    # AWS keeps none longer.
    wanted = min(minimum_backup_retention_days, 90)
    if files.number("automaticBackupRetentionDays", default=default) < wanted:
        return f"automatic_backup_retention_days is below {wanted}"
    return None


_A_WEEK: Final = 7


@rule(
    name="fsx-encrypted-with-own-key",
    title="File systems of FSx are encrypted with a key of one's own",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=_ALL,
    why="AWS's own key can neither be shared with another account nor be taken away from anybody.",
    fix="""
        aws.fsx.OpenZfsFileSystem("files", kms_key_id=key.arn)
    """,
    link="https://docs.aws.amazon.com/fsx/latest/OpenZFSGuide/encryption-rest.html",
)
def encrypted_with_own_key(files: Resource) -> Problems:
    """Without a key, AWS takes the account's `aws/fsx`."""
    return None if files.is_present("kmsKeyId") else "it has no kms_key_id"


@rule(
    name="fsx-maintenance-window",
    title="File systems of FSx are maintained inside the maintenance window",
    severity=Severity.LOW,
    types=_ALL,
    why="Maintenance may interrupt a file system; outside of the window nobody expects it.",
    fix="""
        aws.fsx.OpenZfsFileSystem("files", weekly_maintenance_start_time="7:02:00")
    """,
    link="https://docs.aws.amazon.com/fsx/latest/WindowsGuide/maintenance-windows.html",
)
def files_maintenance_window(files: Resource, *, maintenance_window: str) -> Problems:
    """Without one, AWS chooses."""
    allowed = weekly(maintenance_window)
    if allowed is None:
        return OUT_OF_SCOPE
    given = of_file_system(files.text("weeklyMaintenanceStartTime"))
    if given is not None and allowed.holds(given):
        return None
    return "weekly_maintenance_start_time is not inside the pack's maintenance_window"
