"""The command lines of the operations guide, in its order, and what each of them is now.

`package.json` maps the guide's npm spellings onto the same commands, which a test holds.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class GuideLine:
    """One command line of the guide."""

    section: str
    line: str
    """As the guide has it."""
    command: str
    """What `syncup` is called with, without options. Empty where the line stays what it is."""
    note: str = ""
    """Why it stays so, or what a person has to know."""

    @property
    def script(self) -> str:
        """The script of `package.json` that the line runs, or nothing where it is none of npm's."""
        words = self.line.split()
        return words[2] if words[:2] == ["npm", "run"] else ""


_AFTER_DASHES: Final = "options after `--`, as npm wants it"
_NEWEST: Final = "the release uploaded last, or the one that is named behind it"

LINES: Final = (
    GuideLine("Deployment Procedures", "npm run deploy:staging", "deploy staging", _NEWEST),
    GuideLine("Deployment Procedures", "npm run test:smoke:staging", "smoke staging"),
    GuideLine("Deployment Procedures", "npm run backup:prod", "backup create production"),
    GuideLine("Deployment Procedures", "npm run deploy:production", "deploy production", _NEWEST),
    GuideLine("Deployment Procedures", "npm run test:smoke:prod", "smoke production"),
    GuideLine("Deployment Procedures", "npm run rollback:production", "rollback production"),
    GuideLine("Deployment Procedures", "npm run test:smoke:prod", "smoke production"),
    GuideLine("Troubleshooting", "npm run logs:error --limit 100", "logs error production", _AFTER_DASHES),
    GuideLine("Troubleshooting", "npm run analyze:errors", "logs analyze production"),
    GuideLine(
        "Troubleshooting", "npm run deployments:list --limit 5", "deployments list production", _AFTER_DASHES
    ),
    GuideLine("Troubleshooting", "npm run rollback:production", "rollback production"),
    GuideLine("Troubleshooting", "npm run queries:slow --limit 10", "queries slow production", _AFTER_DASHES),
    GuideLine("Troubleshooting", "npm run profile:queries", "queries profile production"),
    GuideLine("Troubleshooting", "npm run detect:n1-queries", "queries n-plus-one production"),
    GuideLine(
        "Troubleshooting",
        "npx prisma studio",
        "",
        "in the application's repository, through the bastion: [Getting in](access.md)",
    ),
    GuideLine("Troubleshooting", "npm run analyze:memory", "memory production"),
    GuideLine("Troubleshooting", "npm run debug:memory-leaks", "memory production"),
    GuideLine("Troubleshooting", "git log --oneline -10", "", "in the application's repository"),
    GuideLine("Troubleshooting", "npm run restart:production", "restart production"),
    GuideLine("Troubleshooting", "curl -i https://api.openai.com/health", "external"),
    GuideLine("Troubleshooting", "npm run logs:api --limit 50", "logs api production", _AFTER_DASHES),
    GuideLine("Troubleshooting", "npm run check:rate-limits", "rate-limits production"),
    GuideLine("Backup & Recovery", "npm run backup:prod", "backup create production"),
    GuideLine("Backup & Recovery", "du -h backup_*.sql.gz", "backup list production"),
    GuideLine("Backup & Recovery", "npm run stop:production", "stop production"),
    GuideLine("Backup & Recovery", "npm run list:backups", "backup list production"),
    GuideLine(
        "Backup & Recovery",
        "npm run restore:prod --backup backup_2024_01_15_143022.sql.gz",
        "backup restore production",
        _AFTER_DASHES,
    ),
    GuideLine("Backup & Recovery", "npm run test:db:integrity", "db integrity production"),
    GuideLine("Backup & Recovery", "npm run start:production", "start production"),
    GuideLine("Backup & Recovery", "npm run monitor --duration 5m", "monitor production", _AFTER_DASHES),
    GuideLine(
        "Backup & Recovery",
        'npm run restore:prod --timestamp "2024-01-15 14:30:00"',
        "backup restore production",
        _AFTER_DASHES,
    ),
    GuideLine("Backup & Recovery", "npm run test:backup-recovery", "backup test production"),
    GuideLine("Security Procedures", "npm run rotate:secrets", "secrets rotate production"),
    GuideLine("Security Procedures", "npm run view:secrets", "secrets view production"),
    GuideLine(
        "Security Procedures",
        "npm run update:secret --key DATABASE_URL --value postgresql://...",
        "secrets update production",
        "npm takes `--key` for itself, so it is refused with the line to type; the value is asked for",
    ),
    GuideLine(
        "Security Procedures",
        "npm audit",
        "",
        "npm's own, in the application's repository; there is none here",
    ),
    GuideLine("Security Procedures", "npm run scan:infrastructure", "scan production"),
    GuideLine("Security Procedures", "npm run test:security", "security test production"),
    GuideLine(
        "Incident Response",
        'npm run incident:create --title "Issue description"',
        "incident create production",
        _AFTER_DASHES,
    ),
    GuideLine(
        "Incident Response",
        "npm run incident:update --id INC123 --status investigating",
        "incident update production",
        _AFTER_DASHES,
    ),
    GuideLine(
        "Incident Response", "npm run incident:close --id INC123", "incident close production", _AFTER_DASHES
    ),
    GuideLine(
        "Incident Response",
        "npm run incident:postmortem --id INC123",
        "incident postmortem production",
        _AFTER_DASHES,
    ),
    GuideLine("Maintenance Windows", "npm run maintenance:db", "maintenance db production"),
    GuideLine("Maintenance Windows", "npm run maintenance:indexes", "maintenance indexes production"),
    GuideLine("Maintenance Windows", "npm run maintenance:cache", "maintenance cache production"),
    GuideLine("Maintenance Windows", "npm run maintenance:logs", "maintenance logs production"),
    GuideLine("Useful Commands", "npm run status", "status production"),
    GuideLine("Useful Commands", "npm run health:check", "health production"),
    GuideLine("Useful Commands", "npm run metrics:current", "metrics production"),
    GuideLine("Useful Commands", "npm run logs:error", "logs error production"),
    GuideLine("Useful Commands", "npm run logs:api", "logs api production"),
    GuideLine("Useful Commands", 'npm run logs:search "query"', "logs search production"),
    GuideLine("Useful Commands", "npm run db:check", "db check production"),
    GuideLine("Useful Commands", "npm run db:stats", "db stats production"),
    GuideLine("Useful Commands", "npm run queries:slow", "queries slow production"),
    GuideLine("Useful Commands", "npm run deploy:staging", "deploy staging"),
    GuideLine("Useful Commands", "npm run deploy:production", "deploy production"),
    GuideLine("Useful Commands", "npm run rollback:production", "rollback production"),
    GuideLine("Useful Commands", "npm run backup:prod", "backup create production"),
    GuideLine("Useful Commands", "npm run list:backups", "backup list production"),
    GuideLine("Useful Commands", "npm run restore:prod", "backup restore production"),
)
"""The guide's command lines. A line that it has twice is here twice."""
