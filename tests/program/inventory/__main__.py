"""Writes the inventories anew."""

from tests.program.inventory import file, inventory
from tests.program.stacks import STACKS

if __name__ == "__main__":
    for stack in STACKS:
        file(stack).write_text(inventory(stack), encoding="utf-8")
