"""How the values of a property that changes are shown: none that is secret, documents line by line."""

import json
from typing import Any, Final

from preview import line_diff, redact
from preview.markdown import code
from preview.plan import Kind, PropertyChange
from preview.values import Asset, Unknown, is_unknown

_LONGEST_VALUE: Final = 60
_MOST_LINES: Final = 40
"""Of one difference of lines in a comment."""
_LONGEST_LINE: Final = 200
_SECRET_CHANGED: Final = "[secret changed]"  # noqa: S105 (stands in the place of two)


class Shown:
    """Shows values in a few words, or as the lines that differ."""

    def __init__(self, secrets: frozenset[str], *, complete: bool) -> None:
        """Shows nothing yet.

        Args:
            secrets: texts that are secret, wherever they stand.
            complete: whether to show long values in full.
        """
        self._secrets = secrets
        self._complete = complete

    def values(self, change: PropertyChange) -> str:
        """The value before and after, in a few words."""
        if isinstance(change.old, Unknown) and isinstance(change.new, Unknown):
            return "comes from what is replaced"
        old, new = (self._text(change, value) for value in (change.old, change.new))
        if change.secret and (old == new or (redact.SECRET in (old, new) and change.kind is Kind.UPDATE)):
            return _SECRET_CHANGED
        if self.difference(change):
            return "differs"
        match change.kind:
            case Kind.ADD:
                return f"added {self._short(new)}"
            case Kind.DELETE:
                return f"removed, was {self._short(old)}"
            case Kind.UPDATE:
                start = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
                return f"{self._short(old, start)} → {self._short(new, start)}"

    def difference(self, change: PropertyChange) -> list[str]:
        """The lines in which two documents differ; nothing where the values are short, unknown or secret."""
        if is_unknown(change.old) or is_unknown(change.new):
            return []
        old, new = self._lines(change, change.old), self._lines(change, change.new)
        if max(len(old), len(new)) <= 1:
            return []
        found = list(map(self._line, line_diff.difference(old, new)))
        if self._complete or len(found) <= _MOST_LINES:
            return found
        return [*found[:_MOST_LINES], f"  … {len(found) - _MOST_LINES} more lines in the complete text"]

    def _lines(self, change: PropertyChange, value: Any) -> list[str]:
        """The lines of a document; another value is one line."""
        if value is None:
            return []
        if isinstance(value, Asset):
            return [self._text(change, value)]
        lines = line_diff.lines_of(redact.without_secrets(value))
        return [self._text(change, value)] if lines is None else lines

    def _text(self, change: PropertyChange, value: Any) -> str:
        """One value as a text without secrets, at its full length."""
        if isinstance(value, Unknown):
            return "known later"
        if isinstance(value, Asset) and value.form in ("path", "uri"):
            return str(value.source)
        name = next((step for step in reversed(change.path) if isinstance(step, str)), "")
        found = redact.without_credentials(redact.without_secrets(value), name)
        text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False, sort_keys=True)
        return redact.message(text, self._secrets)

    def _short(self, text: str, start: int = 0) -> str:
        """A text, or of a long one what is around a place."""
        if self._complete or len(text) <= _LONGEST_VALUE:
            return code(text)
        begin = max(0, min(start - _LONGEST_VALUE // 3, len(text) - _LONGEST_VALUE))
        end = begin + _LONGEST_VALUE
        return code(f"{'…' if begin else ''}{text[begin:end]}{'…' if end < len(text) else ''}")

    def _line(self, line: str) -> str:
        shown = redact.message(line, self._secrets)
        return shown if self._complete or len(shown) <= _LONGEST_LINE else f"{shown[:_LONGEST_LINE]}…"
