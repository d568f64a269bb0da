"""A copy of the project's files, to write mistakes into."""

import shutil
from pathlib import Path

from infra.mistakes import ConfigurationError
from infra.reading import ROOT, read_project, stack_configuration

STACK = "production"
STACK_FILE = f"Pulumi.{STACK}.yaml"
GUIDE_FILE = "operations.yaml"


def copy(folder: Path) -> Path:
    """The files that people write, in a folder of their own."""
    for file in [*ROOT.glob("Pulumi*.yaml"), ROOT / GUIDE_FILE]:
        shutil.copy(file, folder)
    shutil.copytree(ROOT / "access", folder / "access")
    return folder


def edit(path: Path, old: str, new: str) -> str:
    """Replaces the first `old`, which has to be there; gives the new text."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} has no {old!r}"
    edited = text.replace(old, new, 1)
    path.write_text(edited, encoding="utf-8")
    return edited


def mistakes(root: Path, stack: str = STACK) -> list[str]:
    """What is said about the files, line by line."""
    try:
        read_project(stack, stack_configuration(stack, root).get, root=root)
    except ConfigurationError as error:
        return str(error).splitlines()
    return []
