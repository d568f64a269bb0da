"""A plan as one comment on a pull request: whether it is safe, then what would go, then all else.

The comment is a pure function of the plan. What is least important comes last and is shortened first, so that
the verdict is always there. No value that is secret, or looks like a credential, is in it.
"""

from collections.abc import Sequence
from typing import Final

from preview import comment_parts as parts
from preview import redact
from preview.comment_parts import Part
from preview.comment_verdict import total, verdict
from preview.markdown import block, plain, visible
from preview.plan import Plan
from preview.shown import Shown

LIMIT: Final = 60_000
"""Characters of a comment; GitHub refuses more than 65,536 and the workflow adds a line of its own."""

_ROOM: Final = 3_000
"""For headings, folds and what is said of what is missing."""
_LONGEST_REASON: Final = 10_000
"""Characters."""


def marker(stack: str) -> str:
    """The last line of every comment about a stack, by which the workflow finds the one that it edits."""
    return f"<!-- syncup preview {visible(stack).replace('--', '- -').replace('>', '')} -->"


def render(plan: Plan, *, allow_data_loss: bool = False, limit: int | None = LIMIT) -> str:
    """The comment.

    Args:
        plan: what to tell.
        allow_data_loss: whether somebody has allowed that what holds data goes.
        limit: the most characters that it may have; None for the complete text.
    """
    complete = limit is None
    shown = Shown(redact.secrets_of(plan.graph), complete=complete)
    head = "\n\n".join([verdict(plan, allow_data_loss=allow_data_loss), total(plan)])
    found = [
        parts.destroyed(plan, shown),
        parts.unprotected(plan),
        parts.errors(plan, complete=complete),
        parts.policies(plan, complete=complete),
        parts.changed(plan, shown),
        parts.created(plan),
        parts.only_tags(plan, shown),
        parts.drifted(plan, shown),
        parts.others(plan),
        parts.renamed(plan),
        parts.advice(plan),
        parts.warnings(plan),
    ]
    for part in found:
        part.whole = len(part.items)
    foot = marker(plan.stack)
    if limit is not None:
        _shorten(found, limit - len(head) - len(foot) - _ROOM)
    texts = [head, *filter(None, (part.text() for part in found)), foot]
    return "\n\n".join(texts) + "\n"


def without_plan(stack: str, why: str) -> str:
    """The comment where there is nothing to tell, which takes the place of what was said of an older commit.

    Args:
        stack: the stack's name.
        why: what keeps it from being previewed; no secret is in it.
    """
    head = f"## 🔴 {plain(stack)}: not safe: nobody can say what it would do"
    return f"{head}\n\n{block(why[:_LONGEST_REASON].splitlines())}\n\n{marker(stack)}\n"


def _shorten(found: Sequence[Part], room: int) -> None:
    """Takes items away, from the end of the last part on, until the rest has room."""
    size = sum(len(item) + len(part.between) for part in found for item in part.items)
    for part in reversed(found):
        while part.items and size > room:
            size -= len(part.items.pop()) + len(part.between)
