"""Secrets: renewed in time, readable by few, recoverable, and never written down in the program."""

from typing import Final

from policies import iam
from policies.provenance import is_text_of_program
from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.schedules import MINUTES_A_DAY, parse
from policies.stack import Stack
from policies.transport import denies_plain_http
from policies.view import UNKNOWN, Resource, any_holds, one_holds

_SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105 (a type)
_ROTATION: Final = "aws:secretsmanager/secretRotation:SecretRotation"
_VERSION: Final = "aws:secretsmanager/secretVersion:SecretVersion"
_POLICY: Final = "aws:secretsmanager/secretPolicy:SecretPolicy"
_ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
_FUNCTION: Final = "aws:lambda/function:Function"
_ROLE: Final = "aws:iam/role:Role"
_ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/secretsmanager/latest/userguide"


# Renewed in time ---------------------------------------------------------------------------------------


@rule(
    name="secretsmanager-secret-renewed",
    title="Every secret is rotated, or somebody hears of its age",
    severity=Severity.MEDIUM,
    controls=("SecretsManager.1",),
    types=(_SECRET,),
    why="A secret that leaked unnoticed works until somebody changes it.",
    fix="""
        aws.secretsmanager.SecretRotation(
            "rotation",
            secret_id=secret.id,
            rotation_lambda_arn=function.arn,
            rotation_rules={"automatically_after_days": 90},
        )
    """,
    link=f"{_FSBP}#secretsmanager-1",
)
def secret_renewed(secret: Resource, stack: Stack, *, maximum_rotation_days: int) -> Problems:
    """Nothing renews a secret by default.

    It is renewed by its own rotation, or by that of another secret, whose function may write this one too:
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html. What only a person
    can renew, as another company's keys, needs an alarm about its age that names the secret.
    """
    if one_holds(
        lambda: any_holds(_is_on, stack.beside(secret, _ROTATION, by="secretId")),
        lambda: any_holds(lambda alarm: _watches(alarm, secret, maximum_rotation_days), stack.all(_ALARM)),
        lambda: any_holds(lambda rotation: _writes(rotation, secret, stack), stack.all(_ROTATION)),
    ):
        return None
    return "it has no SecretRotation, and no alarm watches its age"


def _is_on(rotation: Resource) -> bool:
    return rotation.flag("rotationEnabled", default=True)


def _watches(alarm: Resource, secret: Resource, days: int) -> bool:
    """Whether an alarm about a figure of the secret rings before it is too old."""
    return (
        _is_about(alarm, secret)
        and alarm.number("threshold", default=float("inf")) <= days
        and "greater" in alarm.text("comparisonOperator").lower()
        and alarm.flag("actionsEnabled", default=True)
        and alarm.is_present("alarmActions")
    )


def _is_about(alarm: Resource, secret: Resource) -> bool:
    """Whether one of an alarm's dimensions calls a secret by its name or ARN."""
    called = (secret.raw("name"), secret.id, secret.outputs.raw("arn"))
    dimensions = alarm.object("dimensions")
    values = [dimensions.raw((name,)) for name in dimensions.names()]
    return any(isinstance(value, str) and value in called for value in values) or (
        UNKNOWN in values and secret.urn in alarm.property_dependencies.get("dimensions", ())
    )


def _writes(rotation: Resource, secret: Resource, stack: Stack) -> bool:
    """Whether the function of a rotation may put values into a secret."""
    return any_holds(
        lambda function: any_holds(
            lambda role: any_holds(
                lambda policy: any_holds(
                    lambda statement: _may_write(statement, secret), iam.parse(policy, "policy")
                ),
                stack.beside(role, _ROLE_POLICY, by="role"),
            ),
            stack.behind(function, "role", _ROLE),
        ),
        stack.behind(rotation, "rotationLambdaArn", _FUNCTION),
    )


def _may_write(statement: iam.Statement, secret: Resource) -> bool:
    """By the secret's name, after which AWS writes six characters of its own into the ARN."""
    if not (statement.allows and statement.covers_action("secretsmanager:PutSecretValue")):
        return False
    arn, name = secret.outputs.raw("arn"), secret.raw("name")
    return any_holds(
        lambda pattern: (
            pattern == arn
            or (isinstance(name, str) and iam.matches(pattern.partition(":secret:")[2], f"{name}-abcdef"))
        ),
        statement.resources,
    )


@rule(
    name="secretsmanager-rotation-interval",
    title="Secrets are rotated often enough",
    severity=Severity.MEDIUM,
    controls=("SecretsManager.4",),
    types=(_ROTATION,),
    why="A secret that leaked unnoticed works until the next rotation.",
    fix="""
        aws.secretsmanager.SecretRotation(
            "rotation",
            secret_id=secret.id,
            rotation_lambda_arn=function.arn,
            rotation_rules={"automatically_after_days": 90},
        )
    """,
    link=f"{_FSBP}#secretsmanager-4",
)
def rotation_interval(rotation: Resource, *, maximum_rotation_days: int) -> Problems:
    """There is no default: a rotation says its days or an expression."""
    if not rotation.flag("rotationEnabled", default=True):
        return "rotation_enabled is off"
    rules = rotation.object("rotationRules")
    days = rules.number("automaticallyAfterDays", default=0)
    if not days:
        schedule = parse(rules.text("scheduleExpression"))
        if schedule is None:
            return "rotation_rules says neither after how many days nor by which schedule"
        days = schedule.longest_pause_minutes / MINUTES_A_DAY
    if days > maximum_rotation_days:
        return f"rotation_rules lets more than {maximum_rotation_days} days pass"
    return None


@rule(
    name="secretsmanager-rotated-secret-no-version",
    title="The program writes no version of a secret that is rotated",
    severity=Severity.HIGH,
    types=(_VERSION,),
    why="AWS forgets the version after two rotations, and the next update puts the first value back.",
    fix="""
        aws.secretsmanager.SecretRotation(
            "rotation",
            secret_id=secret.id,
            rotation_lambda_arn=function.arn,
            rotation_rules={"automatically_after_days": 90},
        )
    """,
    link=f"{_GUIDE}/rotating-secrets.html",
)
def rotated_secret_no_version(version: Resource, stack: Stack) -> Problems:
    """The rotation's own function gives the secret its first value."""
    if any_holds(
        lambda secret: any_holds(_is_on, stack.beside(secret, _ROTATION, by="secretId")),
        stack.behind(version, "secretId", _SECRET),
    ):
        return "its secret is rotated"
    return None


@rule(
    name="secretsmanager-value-not-in-program",
    title="Values of secrets are not written into the program",
    severity=Severity.HIGH,
    types=(_VERSION,),
    why="Who reads the program, its history or Pulumi's state has the secret.",
    fix="""
        aws.secretsmanager.SecretVersion(
            "version", secret_id=secret.id, secret_string_wo=password.result, secret_string_wo_version=1
        )
    """,
    link=f"{_GUIDE}/best-practices.html",
)
def value_not_in_program(version: Resource, _stack: Stack) -> Problems:
    """Which resource a value comes from is known only with the stack."""
    for name, written in _VALUES.items():
        if is_text_of_program(version, name):
            return f"{written} is a text of the program or of its configuration"
    return None


_VALUES: Final = {
    "secretBinary": "secret_binary",
    "secretString": "secret_string",
    "secretStringWo": "secret_string_wo",
}


@rule(
    name="secretsmanager-random-password-length",
    title="Generated passwords are long",
    severity=Severity.MEDIUM,
    types=("random:index/randomPassword:RandomPassword",),
    why="Short passwords are guessed, random or not.",
    fix="""
        random.RandomPassword("password", length=32)
    """,
    link=f"{_GUIDE}/best-practices.html",
)
def random_password_length(password: Resource) -> Problems:
    """There is no default: every password has a length."""
    if password.number("length", default=0) < _SHORTEST_PASSWORD:
        return f"length is below {_SHORTEST_PASSWORD}"
    return None


_SHORTEST_PASSWORD: Final = 16


# Kept ---------------------------------------------------------------------------------------------------


@rule(
    name="secretsmanager-secret-recovery-window",
    title="Secrets that are deleted can be had back",
    severity=Severity.MEDIUM,
    types=(_SECRET,),
    why="Whoever deletes the wrong secret stops the application, and for good.",
    fix="""
        aws.secretsmanager.Secret("secret", recovery_window_in_days=30)
    """,
    link=f"{_GUIDE}/manage_delete-secret.html",
)
def secret_recovery_window(secret: Resource) -> Problems:
    """30 days by default; 0 deletes at once."""
    if secret.number("recoveryWindowInDays", default=_LONGEST_WINDOW_DAYS) < _SHORTEST_WINDOW_DAYS:
        return f"recovery_window_in_days is below {_SHORTEST_WINDOW_DAYS}"
    return None


_LONGEST_WINDOW_DAYS: Final = 30
_SHORTEST_WINDOW_DAYS: Final = 7


@rule(
    name="secretsmanager-secret-replicated",
    title="Secrets are replicated to another region",
    severity=Severity.MEDIUM,
    types=(_SECRET,),
    why="After the loss of a region, what is restored elsewhere cannot start without its secrets.",
    fix="""
        aws.secretsmanager.Secret("secret", replicas=[{"region": "us-east-2", "kms_key_id": key.arn}])
    """,
    link=f"{_GUIDE}/replicate-secrets.html",
)
def secret_replicated(secret: Resource, *, copies_to_other_region: bool) -> Problems:
    """Nothing is replicated by default, and AWS refuses a replica in the secret's own region."""
    if not copies_to_other_region:
        return OUT_OF_SCOPE
    return None if secret.is_present("replicas") else "it has no replicas"


# Readable by few ---------------------------------------------------------------------------------------


@rule(
    name="secretsmanager-secret-encrypted-with-own-key",
    title="Secrets are encrypted with a key of one's own",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_SECRET,),
    why="With AWS's own key, whoever may read the secret may decrypt it; one's own key asks once more.",
    fix="""
        aws.secretsmanager.Secret("secret", kms_key_id=key.arn)
    """,
    link=f"{_GUIDE}/security-encryption.html",
)
def secret_encrypted_with_own_key(secret: Resource) -> Problems:
    """Without a key, AWS takes the account's `aws/secretsmanager`, in each region."""
    if not secret.is_present("kmsKeyId"):
        return "it has no kms_key_id"
    if any_holds(lambda replica: not replica.is_present("kmsKeyId"), secret.objects("replicas")):
        return "a replica has no kms_key_id"
    return None


@rule(
    name="secretsmanager-secret-has-policy",
    title="Secrets have a policy",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_SECRET,),
    why="Without one, everybody whom IAM lets read secrets reads this one, over plain HTTP too.",
    fix="""
        aws.secretsmanager.SecretPolicy(
            "policy", secret_arn=secret.arn, policy=document, block_public_policy=True
        )
    """,
    link=f"{_GUIDE}/auth-and-access_resource-policies.html",
)
def secret_has_policy(secret: Resource, stack: Stack) -> Problems:
    """There is none by default. What it says is another rule's matter."""
    if secret.is_present("policy"):
        return None
    return None if any(stack.beside(secret, _POLICY, by="secretArn")) else "it has no SecretPolicy"


@rule(
    name="secretsmanager-policy-not-made-public",
    title="AWS refuses policies that make a secret public",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_POLICY,),
    why="AWS proves from the whole policy, not from its text, that nobody else can read the secret.",
    fix="""
        aws.secretsmanager.SecretPolicy(
            "policy", secret_arn=secret.arn, policy=document, block_public_policy=True
        )
    """,
    link=f"{_GUIDE}/auth-and-access_resource-policies.html",
)
def policy_not_made_public(policy: Resource) -> Problems:
    """Off by default."""
    return None if policy.flag("blockPublicPolicy", default=False) else "block_public_policy is not on"


@rule(
    name="secretsmanager-policy-requires-tls",
    title="Policies of secrets turn plain HTTP away",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_POLICY, _SECRET),
    why="Over plain HTTP, a secret is readable on the way.",
    fix="""
        aws.secretsmanager.SecretPolicy("policy", secret_arn=secret.arn, policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Deny",
                "Principal": "*",
                "Action": "secretsmanager:*",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }],
        }))
    """,
    link=f"{_GUIDE}/best-practices.html",
)
def policy_requires_tls(resource: Resource) -> Problems:
    """Plain HTTP is served unless a policy denies it."""
    if not resource.is_present("policy"):
        return OUT_OF_SCOPE
    if denies_plain_http(iam.parse(resource, "policy"), "secretsmanager:GetSecretValue"):
        return None
    return "no statement denies everyone what comes without TLS"


@rule(
    name="secretsmanager-policy-limits-readers",
    title="Policies of secrets keep other accounts and readers out",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_POLICY, _SECRET),
    why="IAM's permissions change in many places; a denial at the secret holds whatever they say.",
    fix="""
        aws.secretsmanager.SecretPolicy("policy", secret_arn=secret.arn, policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Deny",
                "Principal": "*",
                "Action": "secretsmanager:*",
                "Resource": "*",
                "Condition": {
                    "StringNotEquals": {"aws:PrincipalAccount": "111122223333"},
                    "Bool": {"aws:PrincipalIsAWSService": "false"},
                },
            }],
        }))
    """,
    link=f"{_GUIDE}/auth-and-access_resource-policies.html",
)
def policy_limits_readers(resource: Resource) -> Problems:
    """Whoever IAM lets reads, unless the secret denies it to all but some."""
    if not resource.is_present("policy"):
        return OUT_OF_SCOPE
    if any_holds(_keeps_others_out, iam.parse(resource, "policy")):
        return None
    return "no statement denies reading to all but named accounts or principals"


def _keeps_others_out(statement: iam.Statement) -> bool:
    return (
        statement.denies
        and statement.is_for_everyone
        and statement.covers_action("secretsmanager:GetSecretValue")
        and (
            statement.has_not_principal
            or any(
                "not" in condition.operator and condition.key.startswith("aws:principal")
                for condition in statement.conditions
            )
        )
    )
