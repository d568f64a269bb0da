"""What a change adds to each stack, and what it takes away, is in the change itself."""

import difflib
import re

import pytest

from infra.reading import ROOT
from tests.program import inventory
from tests.program.stacks import STACKS


@pytest.mark.parametrize("stack", STACKS)
def test_the_inventory_is_what_the_stack_declares(stack: str) -> None:
    kept = inventory.file(stack).read_text(encoding="utf-8").splitlines()
    made = inventory.inventory(stack).splitlines()
    changes = difflib.unified_diff(kept, made, "kept", "declared", lineterm="", n=0)
    assert not list(changes), "if that is what was meant, run `make inventory`"


def test_that_command_writes_the_inventory() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(
        r"^inventory: .*\n\t@\$\(BIN\)/python -m tests\.program\.inventory$", makefile, re.MULTILINE
    )


def test_every_stack_has_one_and_nothing_else_has() -> None:
    assert {file.name for file in inventory.FOLDER.glob("*.txt")} == {f"{stack}.txt" for stack in STACKS}
    assert set(STACKS) == {file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml")}
