# ruff: noqa: E501 (an answer is one line, here as well)
"""Every mistake in the guide ends in one line: file, line, key, value, and what is right."""

from pathlib import Path

import pytest

from tests.infra.project import GUIDE_FILE
from tests.infra.slips import Slip, assert_answered

SLIPS = [
    Slip(
        "cpu, target",
        "cpus, target",
        "metrics.application_health[0].metric is cpus: no metric: did you mean 'cpu'?",
    ),
    Slip(
        '"< 70%"',
        '"< 70"',
        "metrics.application_health[0].target is < 70: the unit is missing, add one of %, ms, s, /min, req/s",
    ),
    Slip(
        '"< 70%"',
        '"70%"',
        "metrics.application_health[0].target is 70%: write a comparison, a number and a unit, for instance '< 70%'",
    ),
    Slip('"< 70%"', "70", "metrics.application_health[0].target is 70: write text such as '< 70%'"),
    Slip(
        '"< 70%"',
        '"< 70ms"',
        "metrics.application_health[0].target is < 70ms: cpu is measured in %, not in ms",
    ),
    Slip(
        '"< 70%"',
        '"=< 70%"',
        "metrics.application_health[0].target is =< 70%: '=<' is no comparison, write one of >, >=, <, <=",
    ),
    Slip(
        'p99_latency, target: "< 2000ms"',
        'p99_latency, target: "< 3s"',
        "metrics.api_performance[1].target is < 2000ms: p99_latency has the target '< 3s' above, write the same",
        "- { name: Request latency (p99), metric:",
    ),
    Slip(
        "error_rate > 5%",
        "error_rat > 5%",
        "alerts[0].threshold is error_rat > 5%: 'error_rat' is no metric: did you mean 'error_rate'?",
    ),
    Slip(
        "error_rate > 5%",
        "error_rate > 5",
        "alerts[0].threshold is error_rate > 5: '> 5': the unit is missing, add one of %, ms, s, /min, req/s",
    ),
    Slip(
        "error_rate > 5%",
        "error_rate < 5%",
        "alerts[0].threshold is error_rate < 5%: it rings when all is well, as the target is '< 1%': write >",
    ),
    Slip(
        "error_rate > 5%",
        "error_rate > 0.5%",
        "alerts[0].threshold is error_rate > 0.5%: it rings while the target '< 1%' is met: write a figure beyond it",
    ),
    Slip(
        "error_rate > 5%",
        "error_rate > 5ms",
        "alerts[0].threshold is error_rate > 5ms: '> 5ms': error_rate is measured in %, not in ms",
    ),
    Slip(
        "error_rate > 5%",
        "error_rate 5%",
        "alerts[0].threshold is error_rate 5%: write a metric, a comparison, a number and a unit, for instance 'error_rate > 5%'",
    ),
    Slip(
        "name: SlowQueries",
        "name: HighErrorRate",
        "alerts[1].name is HighErrorRate: it is listed twice, keep one",
        "name: HighErrorRate\n    threshold: p99_query_time",
    ),
    Slip(
        "name: SlowQueries",
        "name: slow queries",
        "alerts[1].name is slow queries: write a name of words without spaces, such as HighErrorRate",
    ),
    Slip(
        "severity: Critical",
        "severity: Urgent",
        "alerts[0].severity is Urgent: write one of Critical, High, Medium, Low",
    ),
    Slip("severity: Critical", "severity: critical", "alerts[0].severity is critical: write Critical"),
    Slip(
        "severity: High\n",
        "",
        "alerts[1].severity is missing: add one of Critical, High, Medium, Low",
        "- name: SlowQueries",
    ),
    Slip("level: P2", "level: P3", "severities[1].level is P3: the levels are out of order, write P2"),
    Slip(
        "after: 30min",
        "after: 60min",
        "escalation[2].after is 60min: L3 is called after L2, write more than 1h",
        "- { level: L3, role: Tech lead, after: 6",
    ),
    Slip(
        "after: 30min",
        "after: 30",
        "escalation[1].after is 30: the unit is missing, write a whole number and min, h or d, such as 30min, 2h or 30d",
    ),
    Slip(
        "after: 30min",
        "after: 90min",
        "escalation[2].after is 60min: L3 is called after L2, write more than 90min",
        "- { level: L3, role: Tech lead, after: 6",
    ),
    Slip(
        "after: 0min",
        "after: 5min",
        "escalation[0].after is 5min: the first level is called at once, write 0min",
    ),
    Slip("level: L2", "level: L3", "escalation[1].level is L3: the levels are out of order, write L2"),
    Slip(
        "after: 30min",
        "after: 30 minutes",
        "escalation[1].after is 30 minutes: this is no duration, write a whole number and min, h or d, such as 30min, 2h or 30d",
    ),
    Slip(
        "retention: 30d",
        "retention: 60d",
        "backup.retention is 60d: RDS keeps backups for whole days, write 1d to 35d",
    ),
    Slip(
        "retention: 30d",
        "retention: 30",
        "backup.retention is 30: the unit is missing, write a whole number and min, h or d, such as 30min, 2h or 30d",
    ),
    Slip(
        "retention: 30d",
        "retention: 36h",
        "backup.retention is 36h: RDS keeps backups for whole days, write 1d to 35d",
    ),
    Slip("every: hour", "every: week", "backup.schedule[1].every is week: write one of hour, day"),
    Slip("every: hour", "every: 15min", "backup.schedule[1].every is 15min: write one of hour, day"),
    Slip("location: s3", "location: gcs", "backup.location is gcs: write s3"),
    Slip("copies: other_region", "copies: none", "backup.copies is none: write other_region"),
    Slip(
        "way: dump, rpo: 24h",
        "way: dump, rpo: 1h",
        "backup.objectives[1].rpo is 1h: dump can lose 1d, write that or more",
    ),
    Slip(
        "    - { way: region, rpo: 25min, rto: 4h }\n",
        "",
        "backup.objectives is a list: nothing is promised of region, add way: region",
        "objectives:",
    ),
    Slip(
        "way: dump, rpo: 24h",
        "way: tape, rpo: 24h",
        "backup.objectives[1].way is tape: write one of point_in_time, dump, region",
    ),
    Slip(
        'end: "04:00"',
        'end: "05:00"',
        "maintenance.window.end is 05:00: the window lasts 3h, max_duration allows 2h: end earlier",
    ),
    Slip(
        'end: "04:00"',
        'end: "02:00"',
        "maintenance.window.end is 02:00: the window begins and ends at 02:00: let it end later",
    ),
    Slip(
        'end: "04:00"',
        "end: 04:00",
        'maintenance.window.end is 04:00: readers of YAML differ on what that is: write "04:00" for text, or a plain number',
    ),
    Slip(
        'end: "04:00"',
        'end: "4:00"',
        'maintenance.window.end is 4:00: write a time of day in quotes, such as "02:00"',
    ),
    Slip(
        'end: "04:00"',
        'end: "03:30"',
        "maintenance.window.end is 03:30: the window sunday 02:00-03:30 UTC must last whole hours, and more than the 1 in which nothing new is begun: Systems Manager counts in hours",
    ),
    Slip("day: sunday", "day: Sunday", "maintenance.window.day is Sunday: write sunday"),
    Slip(
        "day: sunday",
        "day: sun",
        "maintenance.window.day is sun: write one of monday, tuesday, wednesday, thursday, friday, saturday, sunday",
    ),
    Slip(
        "timezone: UTC",
        "timezone: UTC+1",
        "maintenance.window.timezone is UTC+1: there is no such time zone, write UTC",
    ),
    Slip(
        "max_duration: 2h",
        "max_duration: 1h",
        "maintenance.window.end is 04:00: the window lasts 2h, max_duration allows 1h: end earlier",
        'window: { day: sunday, start: "02:00", e',
    ),
    Slip(
        "notice: 48h",
        "notice: 48",
        "maintenance.notice is 48: the unit is missing, write a whole number and min, h or d, such as 30min, 2h or 30d",
    ),
    Slip(
        "notice: 48h", "notice: 8d", "maintenance.notice is 8d: the window comes every week, write 1h to 6d"
    ),
    Slip(
        "notice: 48h", "notice: 0h", "maintenance.notice is 0h: the window comes every week, write 1h to 6d"
    ),
    Slip(
        "team: [On-call engineer, Backup]", "team: []", "maintenance.team is empty: write a list of 1 or more"
    ),
    Slip(
        "rotation: 90d",
        "rotation: quarterly",
        "secrets.rotation is quarterly: this is no duration, write a whole number and min, h or d, such as 30min, 2h or 30d",
    ),
    Slip(
        "rotation: 90d",
        "rotation: 2000d",
        "secrets.rotation is 2000d: Secrets Manager counts whole days, write 1d to 1000d",
    ),
    Slip(
        "secret: true, rotation: person",
        "secret: true",
        "secrets.groups[2].variables[0].rotation is missing: every secret has a rotation rule, add person for OPENAI_API_KEY",
        "- { name: OPENAI_API_KEY, secret: true }",
    ),
    Slip(
        "secret: true, rotation: person",
        "secret: true, rotation: automatic",
        "secrets.groups[2].variables[0].rotation is automatic: only a person can have OPENAI_API_KEY changed, write person",
        "- { name: OPENAI_API_KEY, secret: true, ",
    ),
    Slip(
        "secret: true, rotation: person",
        "secret: true, rotation: person, value: abc",
        "secrets.groups[2].variables[0].name is OPENAI_API_KEY: it is secret and its value belongs into Secrets Manager alone, leave value out",
    ),
    Slip(
        "secret: true, rotation: person",
        "secret: false, rotation: person, value: a",
        "secrets.groups[2].variables[0].rotation is person: OPENAI_API_KEY is no secret, leave it out",
    ),
    Slip(
        "name: LOG_LEVEL, secret: false, value: info",
        "name: LOG_LEVEL, secret: false",
        "secrets.groups[3].variables[0].value is missing: LOG_LEVEL is no secret and nothing else decides it, add its value",
    ),
    Slip(
        "name: LOG_LEVEL",
        "name: log_level",
        "secrets.groups[3].variables[0].name is log_level: write a name in capitals, such as DATABASE_URL",
    ),
    Slip(
        "name: JWT_SECRET",
        "name: NEXTAUTH_SECRET",
        "secrets.groups[1].variables[2].name is NEXTAUTH_SECRET: the variable is listed twice, keep one",
        "name: NEXTAUTH_SECRET, secret: true, rotation: automatic }\n    - name: third-party",
    ),
    Slip("name: third-party", "name: thirdparty", "secrets.groups[2].name is thirdparty: write third-party"),
    Slip(
        "rotation: person",
        "rotation: never",
        "secrets.groups[2].variables[0].rotation is never: write one of automatic, person",
    ),
    Slip(
        'secret: false, value: "true"',
        "secret: false, value: true",
        "secrets.groups[0].variables[1].value is not shown, as it may be a secret: text is wanted here, put it in quotes",
    ),
    Slip(
        "security: security@example.com",
        "security: example.com",
        "contacts.security is example.com: write an e-mail address",
    ),
    Slip(
        'tech_lead: "#syncup-tech"',
        "tech_lead: #syncup-tech",
        'contacts.tech_lead is empty: write text such as "#syncup-tech"',
    ),
    Slip(
        "watch: 30min",
        "watch: half an hour",
        "deployment.watch is half an hour: this is no duration, write a whole number and min, h or d, such as 30min, 2h or 30d",
    ),
    Slip(
        "name: slack",
        "name: registration",
        "deployment.smoke_checks[1].name is registration: it is listed twice, keep one",
        "- { name: registration, verifies: Test S",
    ),
    Slip(
        'within: "< 2000ms"',
        'within: "> 2000ms"',
        "deployment.smoke_checks[0].within is > 2000ms: an answer is within a time, such as '< 2000ms'",
    ),
    Slip(
        "expect: 200",
        "expect: OK",
        "deployment.smoke_checks[0].expect is OK: write a whole number, 100 to 599",
    ),
    Slip(
        "POST /api/smoke/slack",
        "/api/smoke/slack",
        "deployment.smoke_checks[1].request is /api/smoke/slack: write a method and a path, such as GET /api/health",
    ),
    Slip("contacts:", "contact:", "contact is no known key: write contacts"),
    Slip(
        "alerts:\n",
        "alerts:\n  - HighErrorRate\n",
        "alerts[0] is HighErrorRate: write a mapping with the keys name, threshold, severity",
        "- HighErrorRate",
    ),
]


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.name)
def test_a_mistake_is_answered_in_one_line(slip: Slip, tmp_path: Path) -> None:
    assert_answered(slip, GUIDE_FILE, tmp_path)
