"""Builds the archives that the functions are deployed as: `python -m functions.build`.

The same sources and requirements give the same bytes: order, times and rights in an archive are fixed.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from components import archives

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest that the format knows."""
_READABLE = 0o644 << 16
_OF_THIS_INSTALLATION = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
"""Say how a package was installed, not what it is."""
_MACHINE_CODE = frozenset({".so", ".pyd", ".dylib"})


class BuildError(Exception):
    """An archive could not be built. The message says which and why."""


def main() -> None:
    """Builds what is missing and removes what is no longer current."""
    for source in archives.missing():
        path = archives.ROOT / archives.archive(source)
        build(source, path)
        sys.stdout.write(f"{path.relative_to(archives.ROOT)}\n")
    current = {archives.ROOT / archives.archive(source) for source in archives.sources()}
    for path in (archives.ROOT / archives.BUILT).glob("*.zip"):
        if path not in current:
            path.unlink()


def build(source: str, path: Path) -> None:
    """Writes one archive: none or a whole one, whenever this ends and however many build it at once.

    Args:
        source: the folder below `functions/`.
        path: the archive's.

    Raises:
        BuildError: the requirements do not install, or bring machine code along.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Beside the archive, since a file is moved at once only within its file system.
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder:
        packages = _install(source, Path(folder) / "packages")
        written = Path(folder) / path.name
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, file in sorted({**packages, **archives.files(source)}.items()):
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = _READABLE
                archive.writestr(entry, file.read_bytes())
        written.replace(path)


def _install(source: str, folder: Path) -> dict[str, Path]:
    """What the function needs, by its names in the archive."""
    requirements = archives.requirements(source)
    if requirements is None:
        return {}
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    how = ["--no-compile", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    done = subprocess.run(  # noqa: S603 (ours)
        [*command, *how, "--requirement", requirements, "--target", folder],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BuildError(f"{source}: its requirements do not install: {done.stderr.strip()}")
    found = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file()
        and path.relative_to(folder).parts[0] != "bin"
        and path.name not in _OF_THIS_INSTALLATION
    }
    foreign = sorted(name for name, path in found.items() if path.suffix in _MACHINE_CODE)
    if foreign:
        raise BuildError(f"{source}: {foreign[0]} runs on this machine alone")
    return found


if __name__ == "__main__":
    main()
