"""The pages of the repository."""

from pathlib import Path

from infra.reading import ROOT


def pages(root: Path = ROOT) -> list[Path]:
    """Every Markdown file, in order; what is installed or kept in hidden folders is not ours."""
    folders = [path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return sorted([*root.glob("*.md"), *(page for folder in folders for page in folder.rglob("*.md"))])


def label(page: Path) -> str:
    """A page's path in the repository."""
    return str(page.relative_to(ROOT))
