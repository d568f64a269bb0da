"""A checkout of a small project, with a remote of its own, for the tests of what is asked of git."""

import subprocess
from pathlib import Path

import pytest


class Checkout:
    """A folder with one commit, which is the remote's main branch too."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing of the machine's own git settings has a part in it."""
        for variable, value in {
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "ben",
            "GIT_AUTHOR_EMAIL": "ben@example.com",
            "GIT_COMMITTER_NAME": "ben",
            "GIT_COMMITTER_EMAIL": "ben@example.com",
        }.items():
            monkeypatch.setenv(variable, value)
        for variable in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GITHUB_ACTIONS"):
            monkeypatch.delenv(variable, raising=False)
        self.folder, self.remote = folder / "checkout", folder / "remote"
        self.folder.mkdir()
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("init", "--quiet", "--bare", "--initial-branch", "main", str(self.remote))
        self.git("remote", "add", "origin", str(self.remote))
        self.write(".gitignore", "build\n")
        self.commit("one.txt", "1")
        self.git("push", "--quiet", "origin", "main")

    def git(self, *arguments: str) -> str:
        """What git says."""
        return subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def write(self, name: str, text: str) -> None:
        """Writes a file."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def commit(self, name: str, text: str) -> str:
        """Commits everything, with one more file, and returns the commit."""
        self.write(name, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", name)
        return self.git("rev-parse", "HEAD")
