"""What a function is made of, and the archive that it is deployed as. No Pulumi here.

An archive's name holds a digest of everything that goes into it. So a plan shows by name that a function
changes, before anything is built, and an archive that is older than its sources is simply not there.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
SOURCES: Final = ROOT / "functions"
BUILT: Final = Path("build") / "functions"
"""Below the project's folder, which is where an engine and a preview look."""
REQUIREMENTS: Final = "requirements.txt"
_SHARED: Final = SOURCES / "shared"
_SHARED_LIST: Final = "shared.txt"
"""What a function uses of others, one a line: a file of `functions/shared` by its name, which lies beside
the handler then, or a file of the project by its path, which keeps it."""
_ONLY_FOR_BUILDING: Final = frozenset({REQUIREMENTS, "requirements.in", _SHARED_LIST})
_DIGEST_LENGTH: Final = 16


def sources() -> list[str]:
    """Every folder below `functions/` that AWS runs something of."""
    return sorted(
        folder.name
        for folder in SOURCES.iterdir()
        if folder.is_dir() and folder != _SHARED and not folder.name.startswith("_")
    )


def files(source: str) -> dict[str, Path]:
    """The function's own and shared files, by their names in the archive, in order.

    Raises:
        FileNotFoundError: it names a shared file that is not there.
    """
    folder = SOURCES / source
    own = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name not in _ONLY_FOR_BUILDING
    }
    return dict(sorted({**own, **dict(_shared(folder))}.items()))


def requirements(source: str) -> Path | None:
    """The hashed list of what it needs beside its files and the runtime; None where it needs nothing."""
    listed = SOURCES / source / REQUIREMENTS
    return listed if listed.is_file() else None


def digest(source: str) -> str:
    """Changes with every name and every byte of what goes into the archive."""
    listed = requirements(source)
    parts = {**files(source), **({REQUIREMENTS: listed} if listed else {})}
    whole = hashlib.sha256()
    for name, path in parts.items():
        whole.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()[:_DIGEST_LENGTH]


def archive(source: str) -> str:
    """The archive's path below the project's folder, whether it is built or not."""
    return (BUILT / f"{source}-{digest(source)}.zip").as_posix()


def missing() -> list[str]:
    """Functions without an archive of their present sources: `make functions` builds them."""
    return [source for source in sources() if not (ROOT / archive(source)).is_file()]


def _shared(folder: Path) -> Iterator[tuple[str, Path]]:
    listed = folder / _SHARED_LIST
    if not listed.is_file():
        return
    for name in listed.read_text(encoding="utf-8").split():
        home = ROOT if "/" in name else _SHARED
        if not (home / name).is_file():
            where = "the project" if home == ROOT else "functions/shared"
            raise FileNotFoundError(f"{listed.relative_to(ROOT)}: {where} has no {name}")
        yield name, home / name
