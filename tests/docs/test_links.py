"""No link between the project's pages leads nowhere."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs.pages import label, pages

_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^\]]+\]:\s*(\S+)$", re.MULTILINE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:")
_HEADING = re.compile(r"^#{1,6} (.+?)#*$", re.MULTILINE)


def broken(page: Path) -> Iterator[str]:
    """The relative links of a page that lead to no file, or to no heading of one."""
    for target in _targets(page.read_text(encoding="utf-8")):
        file, _, anchor = unquote(target).partition("#")
        linked = page.parent / file if file else page
        if not linked.exists() or (anchor and anchor not in _anchors(linked)):
            yield target


def _targets(text: str) -> Iterator[str]:
    # What stands in code is shown and not linked; a link whose text is code is one all the same.
    plain = _CODE.sub("code", _FENCED.sub("", text))
    for inline, reference in _LINK.findall(plain):
        target = inline or reference
        if not _ADDRESS.match(target):
            yield target


@cache
def _anchors(page: Path) -> frozenset[str]:
    """The names that GitHub gives a page's headings: the same one again gets a number."""
    if page.suffix != ".md":
        return frozenset()
    found: set[str] = set()
    seen = Counter[str]()
    for heading in _HEADING.findall(_FENCED.sub("", page.read_text(encoding="utf-8"))):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip()).lower()
        name = re.sub(r"[^\w -]", "", words).replace(" ", "-")
        found.add(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return frozenset(found)


@pytest.mark.parametrize("page", pages(), ids=label)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert list(broken(page)) == []


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("[there](other.md)", True),
        ("[there](other.md#on-and-off)", True),
        ("[there](other.md#on-and-off-1)", True),
        ("[`there`](other.md#the-code)", True),
        ("[here](#top)", True),
        ("[away](https://example.com/nowhere)", True),
        ("`[shown](nowhere.md)`", True),
        ("```\n[shown](nowhere.md)\n```", True),
        ("[there](nowhere.md)", False),
        ("[there](other.md#off)", False),
        ("[there](other.md#on-and-off-2)", False),
        ("[here](#bottom)", False),
        ("[there][1]\n\n[1]: nowhere.md", False),
        ("[there](../outside.md)", False),
    ],
)
def test_a_link_to_nothing_is_found(tmp_path: Path, link: str, leads: bool) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    other = "# Other\n\n## On and off\n\n## On, and off\n\n## The `code`\n\n```\n# off\n```\n"
    (folder / "other.md").write_text(other, encoding="utf-8")
    page = folder / "page.md"
    page.write_text(f"# Top\n\n{link}\n", encoding="utf-8")
    assert (list(broken(page)) == []) is leads
