"""What the rules of secrets decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rules import secretsmanager
from tests.policies.kit import MAIN, SIDE, Case, Side, arn, judged, policy, reference

_KEY = arn("kms", "key/1a2b3c4d")
_TOPIC = arn("sns", "topic")
_SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 (a type)
_POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"
_DAYS = {"maximum_rotation_days": 90}


def _rotation(secret: str = MAIN, **given: Any) -> Side:
    return Side("aws:secretsmanager/secretRotation:SecretRotation", secretId=secret, **given)


def _alarm(**changes: Any) -> Side:
    """An alarm about the secret's age."""
    return Side(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        **{
            "dimensions": {"SecretName": "third-party"},
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 1,
            "threshold": 90,
            "alarmActions": [_TOPIC],
            **changes,
        },
    )


def _written_by_another(resource: str) -> list[Side]:
    """A rotation of another secret, its function, the function's role, and what that may write."""
    writes = {"Effect": "Allow", "Action": "secretsmanager:PutSecretValue", "Resource": resource}
    return [
        _rotation("another", rotationLambdaArn=reference(2)),
        Side("aws:lambda/function:Function", role=reference(3)),
        Side("aws:iam/role:Role", assumeRolePolicy="{}"),
        Side("aws:iam/rolePolicy:RolePolicy", role=reference(3), policy=policy(writes)),
    ]


def _denial(**changes: Any) -> str:
    statement: dict[str, Any] = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "secretsmanager:*",
        "Resource": "*",
    }
    return policy({**statement, **changes})


_TLS = _denial(Condition={"Bool": {"aws:SecureTransport": "false"}})
_OTHERS = _denial(Condition={"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}})

_UNHEARD: tuple[tuple[str, Any, Verdict | None], ...] = (
    ("threshold", 91, Verdict.UNDECIDABLE),
    ("comparisonOperator", "LessThanThreshold", Verdict.UNDECIDABLE),
    ("alarmActions", [], Verdict.COMPLIANT),
    ("dimensions", {"SecretName": "another"}, None),
)
"""What keeps an alarm from telling of the secret's age, and the verdict where that is unknown."""

RENEWED = (
    Case(
        secretsmanager.secret_renewed,
        compliant_beside=[_rotation()],
        settings=_DAYS,
    ),
    Case(
        secretsmanager.secret_renewed,
        compliant_beside=[_rotation(rotationEnabled=True)],
        violating_beside=[_rotation(rotationEnabled=False)],
        # Without it, a rotation is on; without the rotation, nothing renews the secret.
        absent=None,
        settings=_DAYS,
    ),
    *(
        Case(
            secretsmanager.secret_renewed,
            base={"name": "third-party"},
            compliant_beside=[_alarm()],
            violating_beside=[_alarm(**{name: value})],
            unknown=unknown,
            settings=_DAYS,
        )
        for name, value, unknown in _UNHEARD
    ),
    Case(
        secretsmanager.secret_renewed,
        compliant_beside=[_alarm(dimensions={"SecretName": MAIN})],
        violating_beside=[_alarm(dimensions={"SecretName": "another"})],
        unknown=None,
        settings=_DAYS,
    ),
    Case(
        secretsmanager.secret_renewed,
        base={"name": "application"},
        compliant_beside=_written_by_another("arn:aws:secretsmanager:*:*:secret:application-??????"),
        violating_beside=_written_by_another("arn:aws:secretsmanager:*:*:secret:another-??????"),
        settings=_DAYS,
    ),
    Case(
        secretsmanager.rotation_interval,
        compliant={"rotationRules": {"automaticallyAfterDays": 90}},
        violating={"rotationRules": {"automaticallyAfterDays": 91}},
        settings=_DAYS,
    ),
    Case(
        secretsmanager.rotation_interval,
        compliant={"rotationRules": {"scheduleExpression": "rate(90 days)"}},
        violating={"rotationRules": {"scheduleExpression": "rate(365 days)"}},
        more_compliant=[{"rotationRules": {"scheduleExpression": "cron(0 4 1 1/2 ? *)"}}],
        more_violating=[
            {"rotationRules": {"scheduleExpression": "cron(0 4 1 1/3 ? *)"}},
            {"rotationRules": {"scheduleExpression": "quarterly"}},
            {"rotationEnabled": False},
        ],
        settings=_DAYS,
    ),
    Case(
        secretsmanager.rotated_secret_no_version,
        base={"secretId": SIDE},
        beside=[Side(_SECRET)],
        compliant_beside=[_rotation("another")],
        violating_beside=[_rotation(reference(1))],
        absent=Verdict.COMPLIANT,
    ),
    *(
        Case(
            secretsmanager.value_not_in_program,
            # It is base64 too, as one of them has to be.
            violating={name: "dmFsdWU="},
            absent=Verdict.COMPLIANT,
            # What only the cloud will know is written in no program.
            unknown=Verdict.COMPLIANT,
        )
        for name in ("secretString", "secretBinary", "secretStringWo")
    ),
    Case(
        secretsmanager.value_not_in_program,
        compliant={"secretString": SIDE},
        violating={"secretString": "value"},
        beside=[Side("random:index/randomPassword:RandomPassword", length=32)],
        absent=Verdict.COMPLIANT,
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        secretsmanager.random_password_length,
        compliant={"length": 16},
        violating={"length": 15},
    ),
)

KEPT = (
    Case(
        secretsmanager.secret_recovery_window,
        compliant={"recoveryWindowInDays": 7},
        violating={"recoveryWindowInDays": 0},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        secretsmanager.secret_replicated,
        compliant={"replicas": [{"region": "us-east-2"}]},
        unknown=Verdict.COMPLIANT,
        settings={"copies_to_other_region": True},
    ),
)

READERS = (
    Case(
        secretsmanager.secret_encrypted_with_own_key,
        compliant={"kmsKeyId": _KEY},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        secretsmanager.secret_encrypted_with_own_key,
        base={"kmsKeyId": _KEY},
        compliant={"replicas": [{"region": "us-east-2", "kmsKeyId": _KEY}]},
        violating={"replicas": [{"region": "us-east-2"}]},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        secretsmanager.secret_has_policy,
        compliant_beside=[Side(_POLICY, secretArn=MAIN, policy=_TLS)],
    ),
    Case(secretsmanager.secret_has_policy, compliant={"policy": _TLS}, unknown=Verdict.COMPLIANT),
    Case(
        secretsmanager.policy_not_made_public,
        compliant={"blockPublicPolicy": True},
        violating={"blockPublicPolicy": False},
    ),
    *(
        Case(
            rule,
            type=token,
            compliant={"policy": document},
            violating={"policy": _denial(Condition={"Bool": {"aws:SecureTransport": "true"}})},
            absent=Verdict.OUT_OF_SCOPE,
        )
        for rule, document in (
            (secretsmanager.policy_requires_tls, _TLS),
            (secretsmanager.policy_limits_readers, _OTHERS),
        )
        for token in (_POLICY, _SECRET)
    ),
    Case(
        secretsmanager.policy_limits_readers,
        compliant={"policy": _OTHERS},
        violating={"policy": _TLS},
        absent=Verdict.OUT_OF_SCOPE,
        more_compliant=[
            {
                "policy": policy(
                    {
                        "Effect": "Deny",
                        "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/application"},
                        "Action": "secretsmanager:GetSecretValue",
                        "Resource": "*",
                    }
                )
            }
        ],
    ),
)

test_cases = judged((*RENEWED, *KEPT, *READERS))
