"""The rules with the files that say how they are used here: configuration, exemptions, baseline."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from policies import baseline
from policies.baseline import Baseline
from policies.catalogue import RULES
from policies.configuration import Configuration, read_configuration
from policies.evaluate import Judgement, judge_stack
from policies.exemptions import Exemption, read_exemptions
from policies.report import Report, report
from policies.rule import Rule
from policies.stack import Stack


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack:
    """Rules, and how they are used."""

    rules: tuple[Rule, ...] = RULES
    configuration: Configuration
    exemptions: tuple[Exemption, ...] = ()
    baseline: Baseline = frozenset()
    today: date
    """The day on which exemptions have to hold."""

    def judge(self, stack: Stack) -> list[Judgement]:
        """What every rule that is not disabled says of every resource."""
        return list(judge_stack(self.rules, stack, self.configuration))

    def report(self, judgements: Iterable[Judgement], *, strict: bool = False) -> Report:
        """What the judgements come to.

        Args:
            judgements: what the rules said.
            strict: whether to ignore exemptions.
        """
        return report(
            judgements,
            configuration=self.configuration,
            exemptions=self.exemptions,
            baseline=self.baseline,
            today=self.today,
            strict=strict,
        )


def read_pack(stack: str, recorded: Path = baseline.FILE) -> Pack:
    """The pack with its own files, for a stack.

    Args:
        stack: the stack's name.
        recorded: the baseline; nothing where there is no such file.

    Raises:
        ConfigurationError: one of the files is wrong.
    """
    by_name = {rule.name: rule for rule in RULES}
    return Pack(
        configuration=read_configuration(stack, by_name),
        exemptions=read_exemptions(frozenset(by_name)),
        baseline=baseline.read_baseline(recorded),
        today=datetime.now(UTC).date(),
    )
