"""Paths of properties as Pulumi writes them: `rules[0].tags["a.b"]`."""

import json
import re
from typing import Any, Final

from preview.values import Path, Secret, Unknown

_STEP: Final = re.compile(r'\.?(?P<name>[^.\[\]"]+)|\[(?P<index>\d+|\*)\]|\["(?P<key>(?:[^"\\]|\\.)*)"\]')


def written(path: Path) -> str:
    """The text of a path."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.replace("_", "a").isalnum():
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
    return text


def parsed(text: str) -> Path:
    """The path of a text; a text that is no path is one step by itself. Any item is a step `*`."""
    steps: list[str | int] = []
    end = 0
    while end < len(text):
        found = _STEP.match(text, end)
        if found is None:
            return (text,)
        end = found.end()
        name, index, key = found["name"], found["index"], found["key"]
        if index is not None:
            steps.append(index if index == "*" else int(index))
        else:
            steps.append(name if key is None else json.loads(f'"{key}"'))
    return tuple(steps)


def at(value: Any, path: Path) -> Any:
    """What is at a path; None where there is nothing, the whole secret where it leads into one."""
    for step in path:
        if isinstance(value, Secret | Unknown):
            return value
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value
