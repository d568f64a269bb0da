"""Foreign text inside GitHub's Markdown: shown as it is, so that nothing in it can format, link or mention.

Inside a code span or block nothing is interpreted; around them everything is escaped.
https://github.github.com/gfm/ says what means something.
"""

import html
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_NEWLINE: Final = "⏎"
_BACKTICK: Final = "\u02cb"
"""Looks like the one that would end the code span."""
_NO_BREAK: Final = "\u200b"
"""Between a sign and what it would link to."""

_LINKS: Final = re.compile(r"(?<=[@#])(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=GH)(?=-\d)", re.IGNORECASE)
_SIGNS: Final = re.compile(r"([\\`*_{}\[\]()|~]|^[-+#])")


def code(text: str) -> str:
    """A text as a code span, in one line, also inside a table."""
    shown = visible(text).replace("`", _BACKTICK).replace("|", "\\|")
    return f"`{shown}`" if shown.strip() else "`(empty)`"


def plain(text: str) -> str:
    """A text as running text, in one line."""
    shown = _SIGNS.sub(r"\\\1", visible(text).replace(_NEWLINE, " "))
    return _LINKS.sub(_NO_BREAK, html.escape(shown, quote=False))


def block(lines: Iterable[str], language: str = "") -> str:
    """Lines as a code block, whose fence is longer than any inside."""
    text = "\n".join(visible(line) for line in lines)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def folded(summary: str, body: str) -> str:
    """A part that a click opens. The summary is our own text."""
    return f"<details><summary>{html.escape(summary, quote=False)}</summary>\n\n{body}\n\n</details>"


def visible(text: str) -> str:
    """A text in one line, without characters that only control how others look."""
    joined = _NEWLINE.join(text.splitlines()).replace("\t", "    ")
    return "".join(letter for letter in joined if unicodedata.category(letter) not in ("Cc", "Cf"))
