"""What has to fit together inside the operations guide."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import get_args

from components.backup_schedule import Every
from components.metrics import CATALOGUE, admit
from components.threshold import Limit, Unit
from infra.durations import spelled
from infra.findings import Finding, in_order, refusals, repeated
from infra.guide import BackupType, Guide, Recovery, Rotation, SecretGroup, Variable

_DAY = timedelta(days=1)
_LONGEST_BACKUP = timedelta(days=35)
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html"""
_LEAST_LOSS = {
    Recovery.POINT_IN_TIME: timedelta(minutes=5),
    Recovery.DUMP: _DAY,
    Recovery.REGION: timedelta(minutes=5),
}
"""RDS copies the logs of transactions every five minutes; a dump is made every day.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html"""
_LONGEST_ROTATION = timedelta(days=1000)
"""https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html"""
_ROTATED_BY_MACHINE = frozenset({"DATABASE_URL", "NEXTAUTH_SECRET", "JWT_SECRET"})
"""What a rotation function can change: it needs no other company to agree."""
_FROM_ENVIRONMENT = frozenset({"NEXTAUTH_URL"})
"""What the environment itself decides: the application's address follows from the domain."""


def check(guide: Guide) -> Iterator[Finding]:
    """Everything in the guide that contradicts something else in it, or what AWS can do."""
    yield from _metrics(guide)
    yield from _alerts(guide)
    yield from _levels(guide)
    yield from _backup(guide)
    yield from _maintenance(guide)
    yield from _deployment(guide)
    yield from _secrets(guide)


def _metrics(guide: Guide) -> Iterator[Finding]:
    first: dict[str, Limit] = {}
    for group, metrics in guide.metrics.groups().items():
        names = [metric.metric for metric in metrics]
        yield from repeated(names, lambda index, group=group: ("metrics", group, index, "metric"))
        for index, entry in enumerate(metrics):
            key = "target" if entry.metric in CATALOGUE else "metric"
            path = ("metrics", group, index, key)
            yield from refusals(path, lambda entry=entry: admit(entry.metric, entry.target))
            target = first.setdefault(entry.metric, entry.target)
            if target != entry.target:
                yield Finding(path, f"{entry.metric} has the target '{target}' above, write the same")


def _alerts(guide: Guide) -> Iterator[Finding]:
    yield from repeated([alert.name for alert in guide.alerts], lambda index: ("alerts", index, "name"))
    levels = [severity.name for severity in guide.severities]
    targets = {entry.metric: entry.target for metrics in guide.metrics.groups().values() for entry in metrics}
    for index, alert in enumerate(guide.alerts):
        path = ("alerts", index, "threshold")
        metric, limit = alert.threshold.metric, alert.threshold.limit
        refused = list(refusals(path, lambda metric=metric, limit=limit: admit(metric, limit)))
        yield from refused
        if not refused and metric in targets:
            yield from refusals(
                path,
                lambda metric=metric, limit=limit: _agrees(limit, targets[metric], CATALOGUE[metric].unit),
            )
        if alert.severity not in levels:
            known = ", ".join(levels)
            yield Finding(("alerts", index, "severity"), f"it is none of the guide's severities ({known})")


def _agrees(limit: Limit, target: Limit, unit: Unit) -> None:
    """An alert rings beyond the target, on the side where the target is missed."""
    if limit.comparison.upwards == target.comparison.upwards:
        right = "<" if target.comparison.upwards else ">"
        raise ValueError(f"it rings when all is well, as the target is '{target}': write {right}")
    beyond = limit.in_unit(unit) - target.in_unit(unit)
    if (beyond < 0) if limit.comparison.upwards else (beyond > 0):
        raise ValueError(f"it rings while the target '{target}' is met: write a figure beyond it")


def _levels(guide: Guide) -> Iterator[Finding]:
    severities, escalation = guide.severities, guide.escalation
    yield from in_order((s.level for s in severities), "P", lambda index: ("severities", index, "level"))
    yield from repeated([s.name for s in severities], lambda index: ("severities", index, "name"))
    yield from in_order((s.level for s in escalation), "L", lambda index: ("escalation", index, "level"))
    if escalation[0].after:
        yield Finding(("escalation", 0, "after"), "the first level is called at once, write 0min")
    for index, (earlier, later) in enumerate(pairwise(escalation), 1):
        if later.after <= earlier.after:
            yield Finding(
                ("escalation", index, "after"),
                f"{later.level} is called after {earlier.level}, write more than {spelled(earlier.after)}",
            )


def _backup(guide: Guide) -> Iterator[Finding]:
    retention, schedule = guide.backup.retention, guide.backup.schedule
    if not _DAY <= retention <= _LONGEST_BACKUP or retention % _DAY:
        yield Finding(("backup", "retention"), "RDS keeps backups for whole days, write 1d to 35d")
    types = [rule.type for rule in schedule]
    yield from repeated(types, lambda index: ("backup", "schedule", index, "type"))
    if BackupType.FULL not in types:
        yield Finding(("backup", "schedule"), "nothing is incremental without a full backup, add type: full")
    often = {rule.type: list(Every).index(rule.every) for rule in schedule}
    if often.get(BackupType.INCREMENTAL, 0) > often.get(BackupType.FULL, len(Every)):
        path = ("backup", "schedule", types.index(BackupType.INCREMENTAL), "every")
        yield Finding(path, "full backups are made more often than that, write a shorter time")
    yield from _objectives(guide)


def _objectives(guide: Guide) -> Iterator[Finding]:
    objectives, path = guide.backup.objectives, ("backup", "objectives")
    ways = [objective.way for objective in objectives]
    yield from repeated(ways, lambda index: (*path, index, "way"))
    for missing in [way for way in Recovery if way not in ways]:
        yield Finding(path, f"nothing is promised of {missing}, add way: {missing}")
    for index, objective in enumerate(objectives):
        if objective.rpo < _LEAST_LOSS[objective.way]:
            least = spelled(_LEAST_LOSS[objective.way])
            yield Finding((*path, index, "rpo"), f"{objective.way} can lose {least}, write that or more")


def _maintenance(guide: Guide) -> Iterator[Finding]:
    maintenance, path = guide.maintenance, ("maintenance", "window")
    try:
        window = maintenance.weekly
    except ValueError as error:
        yield Finding((*path, "end"), str(error))
        return
    longest = maintenance.max_duration
    if window.duration > longest:
        duration = spelled(window.duration)
        yield Finding(
            (*path, "end"),
            f"the window lasts {duration}, max_duration allows {spelled(longest)}: end earlier",
        )
    # What cannot be said to a service is refused by the window itself.
    for form in (window.rds, window.ssm):
        yield from refusals((*path, "end"), form)
    if not timedelta() < maintenance.notice < timedelta(weeks=1):
        yield Finding(("maintenance", "notice"), "the window comes every week, write 1h to 6d")


def _deployment(guide: Guide) -> Iterator[Finding]:
    checks = guide.deployment.smoke_checks
    path = ("deployment", "smoke_checks")
    yield from repeated([entry.name for entry in checks], lambda index: (*path, index, "name"))
    for index, entry in enumerate(checks):
        limit = entry.within
        if limit.comparison.upwards or limit.unit not in (Unit.MILLISECONDS, Unit.SECONDS):
            yield Finding((*path, index, "within"), "an answer is within a time, such as '< 2000ms'")


def _secrets(guide: Guide) -> Iterator[Finding]:
    rotation, groups = guide.secrets.rotation, guide.secrets.groups
    if not _DAY <= rotation <= _LONGEST_ROTATION or rotation % _DAY:
        yield Finding(("secrets", "rotation"), "Secrets Manager counts whole days, write 1d to 1000d")
    names = [group.name for group in groups]
    yield from repeated(names, lambda index: ("secrets", "groups", index, "name"))
    for missing in (
        name for name in get_args(SecretGroup.model_fields["name"].annotation) if name not in names
    ):
        yield Finding(("secrets", "groups"), f"the group {missing} is missing, add it")
    seen: set[str] = set()
    for group_index, group in enumerate(groups):
        for index, variable in enumerate(group.variables):
            path = ("secrets", "groups", group_index, "variables", index)
            if variable.name in seen:
                yield Finding((*path, "name"), "the variable is listed twice, keep one")
            seen.add(variable.name)
            for key, problem in _variable(variable):
                yield Finding((*path, key), problem)


def _variable(variable: Variable) -> Iterator[tuple[str, str]]:
    """What is wrong with a variable: the key it is about, and the problem."""
    name = variable.name
    if not variable.secret:
        if variable.rotation is not None:
            yield "rotation", f"{name} is no secret, leave it out"
        if variable.value is None and name not in _FROM_ENVIRONMENT:
            yield "value", f"{name} is no secret and nothing else decides it, add its value"
        return
    if variable.value is not None:
        yield "name", "it is secret and its value belongs into Secrets Manager alone, leave value out"
    if variable.rotation is None:
        yield "rotation", f"every secret has a rotation rule, add {_rule_for(name)} for {name}"
    elif variable.rotation is Rotation.AUTOMATIC and name not in _ROTATED_BY_MACHINE:
        yield "rotation", f"only a person can have {name} changed, write person"


def _rule_for(name: str) -> str:
    return Rotation.AUTOMATIC if name in _ROTATED_BY_MACHINE else Rotation.PERSON
