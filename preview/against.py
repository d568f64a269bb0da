"""Previews a project as what tells it apart from another revision, without an engine or credentials."""

import secrets
from pathlib import Path
from typing import Final

from preview import revision
from preview.carry import carried
from preview.compare import compared
from preview.declared import declared
from preview.economy import SPARING
from preview.plan import Plan
from preview.project import Evaluation, evaluate_project
from preview.revision import Say

_SALT: Final = 32
"""Bytes; as many as the digests of secrets have."""


def preview(directory: Path, stack: str, name: str, say: Say) -> tuple[Plan, Evaluation]:
    """What an update from another revision to what is here would do.

    Both are evaluated at the same time, each in a process of its own.

    Args:
        directory: the folder of `Pulumi.yaml`.
        stack: the stack's name.
        name: the other revision's: a branch, a tag, a commit.
        say: is told of what takes time, and of what is compared without being committed.

    Returns:
        The plan, and the evaluation of what is here.

    Raises:
        RevisionError: there is no such revision, or its program cannot be evaluated.
        ProjectError: what is here cannot be evaluated.
    """
    other = revision.find(directory, name)
    if revision.is_dirty(directory):
        say("files differ from the last commit: what is compared is what they say now")
    salt = secrets.token_bytes(_SALT)
    with revision.evaluating(other, stack, salt, say) as finish:
        here = evaluate_project(directory, stack)
        before = finish()
    with SPARING:
        plan = compared(
            here.project,
            here.stack,
            before=declared(before),
            after=declared(carried(here, directory, salt)),
            graph=here.graph,
            against=other.title,
            findings=here.findings,
        )
    return plan, here
