"""Pages speak of the project alone: not of the machine, the registry or the circumstances of writing."""

import re
from pathlib import Path

import pytest

from infra.reading import ROOT
from tests.docs.pages import label, pages

_NOT_OURS = {
    "a path of somebody's machine": r"(?<![\w.-])/(?:home|root|Users|work|workspace|mnt)/|[A-Z]:\\",
    "a path below a folder for scratch files": r"(?<![\w.-])/tmp/\w",
    "a package registry": r"\bpypi\b|pythonhosted|npmjs|/simple/|--(?:extra-)?index-url|--find-links",
    "an address inside a network": r"https?://(?:localhost|127\.|10\.|192\.168\.|\w+\.(?:internal|local)\b)",
    "the circumstances of writing": r"(?i)\b(?:this|another|previous) session\b|\bsub-?agent|\bthe brief\b",
    "a number of an issue": r"(?i)\bissues? #?\d|(?<![\w/&])#\d+\b",
}
LOCKS = sorted(ROOT.glob("requirements*.txt"))


@pytest.mark.parametrize("page", [*pages(), *LOCKS], ids=label)
def test_nothing_but_the_project_is_spoken_of(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    found = {what: re.findall(pattern, text) for what, pattern in _NOT_OURS.items()}
    assert not {what: hits for what, hits in found.items() if hits}


@pytest.mark.parametrize(
    "text",
    [
        "It lies in /home/anna/syncup.",
        "See /tmp/preview/log.txt.",
        "pip install --index-url https://mirror.example.com/simple/ rich",
        "From https://files.pythonhosted.org/packages/rich.whl",
        "Ask http://localhost:3141.",
        "A previous session left it so.",
        "As issue 3 says.",
        "Closes #17.",
    ],
)
def test_what_is_not_ours_is_found(text: str) -> None:
    assert any(re.search(pattern, text) for pattern in _NOT_OURS.values())


@pytest.mark.parametrize(
    "text",
    [
        "The file system is read-only except for `/tmp`.",
        "Session Manager opens a session; the agent reports.",
        "`#syncup-tech` in Slack, `/var/log/syncup`",
        "https://github.com/example/syncup-infrastructure/blob/main/docs/runbooks",
    ],
)
def test_what_is_ours_is_left_alone(text: str) -> None:
    assert not any(re.search(pattern, text) for pattern in _NOT_OURS.values())
