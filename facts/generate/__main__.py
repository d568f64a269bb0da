"""Writes the generated tables: `python -m facts.generate`."""

from pathlib import Path

from facts.generate import TABLES


def main() -> None:
    """Writes every table beside its reader."""
    folder = Path(__file__).parent.parent
    for name, render in TABLES.items():
        (folder / name).write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
