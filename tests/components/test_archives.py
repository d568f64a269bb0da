"""The archives that functions are deployed as: named by what is in them, and the same bytes every time."""

import ast
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from components import archives
from functions import build

WITHOUT_PACKAGES = [source for source in archives.sources() if archives.requirements(source) is None]
_RUNTIME = {"boto3", "botocore"}
"""What Lambda's Python brings along."""


@pytest.fixture(name="tree")
def _tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one function."""
    folder = tmp_path / "functions"
    (folder / "notice").mkdir(parents=True)
    (folder / "shared").mkdir()
    (folder / "notice" / "handler.py").write_text("1", encoding="utf-8")
    (folder / "notice" / "shared.txt").write_text("clock.py\n", encoding="utf-8")
    (folder / "shared" / "clock.py").write_text("2", encoding="utf-8")
    (folder / "shared" / "unused.py").write_text("3", encoding="utf-8")
    monkeypatch.setattr(archives, "ROOT", tmp_path)
    monkeypatch.setattr(archives, "SOURCES", folder)
    monkeypatch.setattr(archives, "_SHARED", folder / "shared")
    return folder


def test_the_same_sources_make_the_same_bytes(tree: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    build.build("notice", first)
    for path in tree.rglob("*.py"):
        path.touch()
    build.build("notice", second)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert archive.namelist() == ["clock.py", "handler.py"]


@pytest.mark.usefixtures("tree")
def test_many_may_build_one_at_once(tmp_path: Path) -> None:
    path = tmp_path / "archives" / "notice.zip"
    with ThreadPoolExecutor(max_workers=8) as many:
        assert list(many.map(build.build, ["notice"] * 40, [path] * 40)) == [None] * 40
    assert [file.name for file in path.parent.iterdir()] == ["notice.zip"]
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None


@pytest.mark.parametrize(
    "name", ["notice/handler.py", "shared/clock.py", "notice/requirements.txt", "notice/new.py"]
)
def test_whatever_goes_into_it_changes_its_name(tree: Path, name: str) -> None:
    before = archives.archive("notice")
    (tree / name).write_text("other", encoding="utf-8")
    assert archives.archive("notice") != before


def test_what_does_not_go_into_it_does_not(tree: Path) -> None:
    before = archives.archive("notice")
    (tree / "shared" / "unused.py").write_text("other", encoding="utf-8")
    (tree / "notice" / "__pycache__").mkdir()
    (tree / "notice" / "__pycache__" / "handler.pyc").write_bytes(b"1")
    assert archives.archive("notice") == before


def test_an_archive_that_is_missing_or_stale_is_told_and_replaced(tree: Path, tmp_path: Path) -> None:
    assert archives.missing() == ["notice"]
    build.main()
    assert archives.missing() == []
    (tree / "notice" / "handler.py").write_text("other", encoding="utf-8")
    assert archives.missing() == ["notice"]
    build.main()
    assert [path.name for path in (tmp_path / archives.BUILT).iterdir()] == [
        Path(archives.archive("notice")).name
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("calendar.py", r"functions/shared has no calendar\.py"),
        ("operate/calendar.py", r"the project has no operate/calendar\.py"),
    ],
)
def test_a_shared_file_that_is_not_there_is_named(tree: Path, name: str, said: str) -> None:
    (tree / "notice" / "shared.txt").write_text(f"clock.py {name}", encoding="utf-8")
    with pytest.raises(FileNotFoundError, match=said):
        archives.archive("notice")


def test_a_file_of_the_project_keeps_its_path_and_its_home(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "operate").mkdir()
    (tmp_path / "operate" / "words.py").write_text("4", encoding="utf-8")
    (tree / "notice" / "shared.txt").write_text("operate/words.py", encoding="utf-8")
    assert archives.files("notice") == {
        "handler.py": tree / "notice" / "handler.py",
        "operate/words.py": tmp_path / "operate" / "words.py",
    }


def test_whatever_aws_does_by_itself_has_its_folder() -> None:
    assert archives.sources() == [
        "backup_age",
        "database_setup",
        "dump_job",
        "log_forwarder",
        "maintenance",
        "maintenance_notice",
        "recovery_validation",
        "rotate_cache_user",
        "rotate_database_master",
        "rotate_database_users",
        "rotate_signing_secrets",
        "search_setup",
        "secret_age",
        "status_page",
    ]


@pytest.mark.parametrize("source", archives.sources())
def test_every_import_of_a_function_is_in_its_archive(source: str) -> None:
    files = archives.files(source)
    requirements = archives.requirements(source)
    packages = requirements.read_text(encoding="utf-8") if requirements else ""
    for name, path in files.items():
        if path.suffix != ".py":
            continue
        for imported in _imports(path):
            first = imported.partition(".")[0]
            found = _file(imported) in files or first in sys.stdlib_module_names | _RUNTIME
            assert found or f"{first}==" in packages, f"{source}: {name} imports {imported}"


@pytest.mark.parametrize("source", archives.sources())
def test_no_function_carries_a_file_that_it_does_not_use(source: str) -> None:
    files = archives.files(source)
    imported = {_file(name) for path in files.values() if path.suffix == ".py" for name in _imports(path)}
    own = archives.SOURCES / source
    shared = {name for name, path in files.items() if own not in path.parents and path.suffix == ".py"}
    assert shared <= imported
    assert ("rds-ca.pem" in files) == (
        "instance_trust"
        in "".join(
            path.read_text(encoding="utf-8")
            for path in files.values()
            if path.name != "tls.py" and path.suffix == ".py"
        )
    )


def _file(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


def _imports(path: Path) -> set[str]:
    """The modules that a module imports when it runs: not what only its types need."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for child in block.body
        for node in ast.walk(child)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from operate import clock` names a module, `from operate.clock import Clock` does not.
            package = (archives.ROOT / node.module / "__init__.py").is_file()
            found |= {f"{node.module}.{alias.name}" for alias in node.names} if package else {node.module}
    return found
