"""The reference page of the rules. `make docs` makes it from them, and a test says when it is stale."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from policies.catalogue import RULES
from policies.parameters import PARAMETERS
from policies.rule import Rule

FILE: Final = Path(__file__).parent.parent / "docs" / "reference" / "policies.md"

_HEAD: Final = """\
# The policies

Every rule of `policies/`. Made by `make docs` from the rules themselves.

    syncup preview production                      # shows what they find, with everything else
    syncup policy check production                 # only that; --format json or sarif for programs
    syncup policy check --state FILE               # of what is deployed: FILE is from `pulumi stack export`
    syncup policy explain rds-instance-not-public  # what a rule wants, why, and how to fix it
    pulumi preview --policy-pack policies          # under the engine, `pulumi up` likewise

A mandatory rule blocks, an advisory one is reported.
A rule that judges each resource blocks before the resource is made.
One that needs the whole stack is decided in a preview, since it would come too late in an update.
What a rule needs and nobody can know yet makes it undecidable, which is told apart from compliant:
the preview without an engine decides with plausible values, the engine in its update.

## Use

- **Levels and parameters**: `policies/config.json`, for all stacks or for one.
  `syncup policy config` writes the figures of `operations.yaml` into it.
  What `--policy-pack-config` says wins.
- **Exemptions**: `policies/exemptions.yaml`. Each has a rule, a pattern of URNs, a reason, an owner and a
  last day, and is listed in every report. `--strict` ignores them all.
- **Baseline**: `syncup policy check STACK --record-baseline` writes today's findings to
  `policies/baseline.json`. They stay visible and block no more; what is new blocks.
"""


def page() -> str:
    """The text of the page."""
    return "\n".join([_HEAD, *_parameters(), "", *_controls(), "", *_rules()]) + "\n"


def _parameters() -> Iterator[str]:
    yield "## Parameters"
    yield ""
    yield "| parameter | kind | default | |"
    yield "|---|---|---|---|"
    for parameter in PARAMETERS.values():
        default = parameter.default if parameter.default not in ("", []) else "none"
        shown = str(default).lower() if isinstance(default, bool) else default
        yield f"| `{parameter.name}` | {parameter.kind} | {shown} | {_cell(parameter.description)} |"


def _controls() -> Iterator[str]:
    """Which rules serve which control."""
    served: dict[str, list[str]] = {}
    for rule in RULES:
        for control in rule.controls:
            served.setdefault(control, []).append(rule.name)
    yield "## Controls"
    yield ""
    yield (
        "`RDS.3` is a control of AWS's [Foundational Security Best Practices]"
        "(https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html), "
        "`CIS 2.3.1` an item of the CIS AWS Foundations Benchmark 3.0."
    )
    yield ""
    yield "| control | rules |"
    yield "|---|---|"
    for control in sorted(served, key=_by_number):
        yield f"| {control} | {', '.join(f'[{name}](#{name})' for name in served[control])} |"


def _by_number(control: str) -> tuple[str, list[int]]:
    """`S3.10` comes after `S3.9`."""
    family, _, number = control.replace(" ", ".", 1).partition(".")
    return family, [int(part) for part in number.split(".") if part.isdigit()]


def _rules() -> Iterator[str]:
    yield "## Rules"
    for service, found in groupby(RULES, key=lambda rule: rule.service):
        rules = list(found)
        yield ""
        yield f"### {service}"
        yield ""
        yield "| rule | severity | level | what holds |"
        yield "|---|---|---|---|"
        for rule in rules:
            yield f"| [{rule.name}](#{rule.name}) | {rule.severity} | {rule.level} | {_cell(rule.title)} |"
        for rule in rules:
            yield ""
            yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    scope = "each resource" if rule.scope == "resource" else "the stack"
    serves = [f"serves {', '.join(rule.controls)}"] if rule.controls else []
    reads = [f"reads {', '.join(f'`{name}`' for name in rule.parameters)}"] if rule.parameters else []
    yield f"#### {rule.name}"
    yield ""
    yield rule.title + "."
    yield rule.why
    yield ""
    told = "; ".join([f"{rule.severity}, {rule.level}", f"judges {scope}", *serves, *reads])
    yield f"{told[0].upper()}{told[1:]}. [AWS says]({rule.link})."
    yield ""
    yield "```python"
    yield rule.fix
    yield "```"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
