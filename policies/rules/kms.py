"""Keys: rotated, not lost, and used by nobody else. What policies say of them is `iam`'s matter."""

from typing import Final

from policies.iam import Principal
from policies.ownership import is_strange
from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.view import Resource

_KEY: Final = "aws:kms/key:Key"
_REPLICA: Final = "aws:kms/replicaKey:ReplicaKey"
_EXTERNAL: Final = ("aws:kms/externalKey:ExternalKey", "aws:kms/replicaExternalKey:ReplicaExternalKey")
_POLICY: Final = "aws:kms/keyPolicy:KeyPolicy"
_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/kms/latest/developerguide"


@rule(
    name="kms-key-rotated",
    title="Keys are rotated by AWS",
    severity=Severity.MEDIUM,
    controls=("KMS.4", "CIS 3.6"),
    types=(_KEY,),
    why="The less one key has encrypted, the less is open when it becomes known.",
    fix="""
        aws.kms.Key("key", enable_key_rotation=True)
    """,
    link=f"{_FSBP}#kms-4",
)
def key_rotated(key: Resource) -> Problems:
    """Off by default. Only symmetric keys for encryption can be rotated, and none of a key store."""
    if key.flag("enableKeyRotation", default=False):
        return None
    if (
        key.text("customerMasterKeySpec", default=_SYMMETRIC) != _SYMMETRIC
        or key.text("keyUsage", default=_ENCRYPTS) != _ENCRYPTS
        or key.is_present("customKeyStoreId")
    ):
        return OUT_OF_SCOPE
    return "enable_key_rotation is not on"


_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
_ENCRYPTS: Final = "ENCRYPT_DECRYPT"


@rule(
    name="kms-key-deletion-window",
    title="Keys that are to be deleted wait as long as AWS offers",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_KEY, _REPLICA, *_EXTERNAL),
    why="What a key encrypted is lost with it: the wait is the time to notice.",
    fix="""
        aws.kms.Key("key", deletion_window_in_days=30)
    """,
    link=f"{_GUIDE}/deleting-keys-scheduling-key-deletion.html",
)
def key_deletion_window(key: Resource) -> Problems:
    """30 days by default, which are also the most."""
    if key.number("deletionWindowInDays", default=_LONGEST_DAYS) < _LONGEST_DAYS:
        return f"deletion_window_in_days is below {_LONGEST_DAYS}"
    return None


_LONGEST_DAYS: Final = 30


@rule(
    name="kms-key-lockout-check",
    title="Policies of keys are checked for locking everybody out",
    severity=Severity.MEDIUM,
    types=(_KEY, _REPLICA, *_EXTERNAL, _POLICY),
    why="Of a key that nobody may administer any more, only AWS's support can get hold again.",
    fix="""
        aws.kms.Key("key", bypass_policy_lockout_safety_check=False)
    """,
    link=f"{_GUIDE}/key-policy-default.html",
)
def key_lockout_check(key: Resource) -> Problems:
    """AWS checks by default."""
    if key.flag("bypassPolicyLockoutSafetyCheck", default=False):
        return "bypass_policy_lockout_safety_check is on"
    return None


@rule(
    name="kms-grant-no-strangers",
    title="No grant lets another account use a key",
    severity=Severity.HIGH,
    types=("aws:kms/grant:Grant",),
    why="A grant is what nobody finds who reads a key's policy to know who may decrypt.",
    fix="""
        aws.kms.Grant("grant", key_id=key.id, grantee_principal=role.arn, operations=["Decrypt"])
    """,
    link=f"{_GUIDE}/grants.html",
)
def grant_no_strangers(grant: Resource, *, trusted_accounts: list[str]) -> Problems:
    """A grant has always a grantee. One that is not known yet is made by this program."""
    grantee = grant.raw("granteePrincipal")
    if not isinstance(grantee, str):
        return None
    if is_strange(Principal("aws", grantee).account, grant, trusted_accounts):
        return "grantee_principal is of another account"
    return None
