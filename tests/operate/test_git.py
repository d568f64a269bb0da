"""Which revision lies in a folder, whether it is clean, and whether the remote's main branch has it."""

import shutil
from pathlib import Path

import pytest

from operate.errors import OperationError, RemoteError
from operate.git import is_behind, revision, tree_as_it_is, worktree
from tests.operate.checkout import Checkout


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A clean checkout of a merged commit."""
    return Checkout(tmp_path, monkeypatch)


def test_what_is_on_main_is_merged_and_clean(checkout: Checkout) -> None:
    found = revision(checkout.folder, {})
    assert found.commit == checkout.git("rev-parse", "HEAD")
    assert found.tree == checkout.git("rev-parse", "HEAD^{tree}")
    assert found.merged
    assert found.changed == []


def test_an_older_commit_of_main_is_merged_too(checkout: Checkout) -> None:
    checkout.commit("two.txt", "2")
    checkout.git("push", "--quiet", "origin", "main")
    checkout.git("checkout", "--quiet", "HEAD~1")
    assert revision(checkout.folder, {}).merged


def test_a_commit_is_behind_what_was_built_on_it_alone(checkout: Checkout) -> None:
    old = checkout.git("rev-parse", "HEAD")
    new = checkout.commit("two.txt", "2")
    assert is_behind(checkout.folder, old, new)
    assert not is_behind(checkout.folder, new, old)
    assert not is_behind(checkout.folder, old, old)
    assert not is_behind(checkout.folder, old, "d" * 40)


def test_what_nobody_has_pushed_is_not_merged(checkout: Checkout) -> None:
    checkout.commit("two.txt", "2")
    assert not revision(checkout.folder, {}).merged


def test_what_others_have_pushed_meanwhile_is_asked_for(checkout: Checkout, tmp_path: Path) -> None:
    """Somebody else merges our commit: only the remote knows."""
    mine = checkout.commit("two.txt", "2")
    checkout.git("push", "--quiet", "origin", "HEAD:refs/heads/review")
    checkout.git("--git-dir", str(checkout.remote), "update-ref", "refs/heads/main", mine)
    assert revision(checkout.folder, {}).merged


def test_a_job_of_githubs_goes_by_its_own_checkout(checkout: Checkout) -> None:
    checkout.git("fetch", "--quiet")
    shutil.rmtree(checkout.remote)
    assert revision(checkout.folder, {"GITHUB_ACTIONS": "true"}).merged


def test_a_remote_that_cannot_be_asked_is_said_in_a_line(checkout: Checkout) -> None:
    shutil.rmtree(checkout.remote)
    with pytest.raises(RemoteError, match=r"^whether [0-9a-f]{12} is merged cannot be asked of origin: .+$"):
        revision(checkout.folder, {})


def test_a_checkout_of_another_branch_knows_no_main(checkout: Checkout) -> None:
    checkout.git("update-ref", "-d", "refs/remotes/origin/main")
    with pytest.raises(OperationError, match="knows no main branch of origin"):
        revision(checkout.folder, {"GITHUB_ACTIONS": "true"})


def test_a_folder_without_git_is_said_in_a_line(tmp_path: Path, checkout: Checkout) -> None:
    with pytest.raises(OperationError, match="is no checkout that git can read"):
        revision(tmp_path, {})


def test_changed_and_new_files_are_named_and_ignored_ones_are_not(checkout: Checkout) -> None:
    checkout.write("one.txt", "changed")
    checkout.write("new.txt", "new")
    checkout.write("build", "made")
    assert sorted(revision(checkout.folder, {}).changed) == ["new.txt", "one.txt"]


def test_the_tree_as_it_is_becomes_the_commits_when_it_is_committed(
    checkout: Checkout, tmp_path: Path
) -> None:
    clean = tree_as_it_is(checkout.folder, tmp_path / "index")
    assert clean == checkout.git("rev-parse", "HEAD^{tree}")
    checkout.write("two.txt", "2")
    changed = tree_as_it_is(checkout.folder, tmp_path / "other")
    assert checkout.git("status", "--porcelain") == "?? two.txt"
    checkout.commit("two.txt", "2")
    assert changed == checkout.git("rev-parse", "HEAD^{tree}") != clean


def test_the_files_of_another_commit_lie_aside_while_they_are_looked_at(checkout: Checkout) -> None:
    first = checkout.git("rev-parse", "HEAD")
    checkout.commit("two.txt", "2")
    with worktree(checkout.folder, first) as folder:
        assert (folder / "one.txt").is_file()
        assert not (folder / "two.txt").exists()
    assert not folder.exists()
    assert len(checkout.git("worktree", "list").splitlines()) == 1


def test_a_commit_that_is_not_here_is_said_in_a_line(checkout: Checkout) -> None:
    with (
        pytest.raises(OperationError, match="does not have 000000000000: "),
        worktree(checkout.folder, "0" * 40),
    ):
        pass
