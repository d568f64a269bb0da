"""The stack's lock: one holder at a time, and what opens it when the holder is gone."""

from datetime import timedelta

import pytest

from operate import lock
from operate.errors import GuardError
from operate.stack import Stack
from tests.operate.double import NOW, Time
from tests.operate.releasing import LOCK, World

WHY, OPENS = "moves house", "`syncup move staging` goes on"


def test_it_says_who_since_when_why_and_what_opens_it(stack: Stack, world: World) -> None:
    lock.take(stack, WHY, OPENS)
    with pytest.raises(GuardError) as found:
        lock.require_free(stack)
    said = f"staging is locked: {WHY}, by anna since 2026-11-24 12:00:00 UTC; {OPENS}"
    assert str(found.value) == said
    assert world.lock is not None


def test_of_two_that_take_it_one_is_refused(stack: Stack, world: World) -> None:
    lock.take(stack, WHY)
    with pytest.raises(GuardError, match=WHY):
        lock.take(stack, "paints the house")
    assert world.lock is not None
    assert world.lock["why"] == WHY


def test_given_back_it_is_free_and_may_be_given_back_again(stack: Stack, world: World) -> None:
    lock.take(stack, WHY)
    lock.give_back(stack)
    lock.give_back(stack)
    lock.require_free(stack)
    assert world.lock is None


def test_whoever_is_interrupted_leaves_it_with_a_word(stack: Stack, world: World) -> None:
    lock.leave(stack, lock.take(stack, WHY, "if nobody is at it any more, …"), OPENS)
    held = lock.holder(stack)
    assert held is not None
    assert held.left
    assert str(held) == f"{WHY}, by anna since 2026-11-24 12:00:00 UTC, interrupted; {OPENS}"
    assert LOCK in world.parameters


def test_of_two_that_take_it_over_one_is_refused(stack: Stack, world: World, time: Time) -> None:
    lock.leave(stack, lock.take(stack, WHY), OPENS)
    held = lock.holder(stack)
    assert held is not None
    time.sleep(60)
    mine = lock.take_over(stack, held, WHY)
    assert not mine.left
    with pytest.raises(GuardError, match="somebody else has taken the lock at the same time"):
        lock.take_over(stack, held, WHY)
    assert world.lock is not None


def test_one_that_was_given_back_meanwhile_is_taken_anew(stack: Stack, world: World) -> None:
    lock.leave(stack, lock.take(stack, WHY), OPENS)
    held = lock.holder(stack)
    assert held is not None
    lock.give_back(stack)
    lock.take_over(stack, held, WHY)
    assert world.lock is not None
    assert world.parameters[LOCK][1] == 1


def test_a_lock_of_an_earlier_version_is_read(stack: Stack, world: World) -> None:
    since = (NOW - timedelta(hours=1)).isoformat()
    world.parameters[LOCK] = (f'{{"who": "ben", "since": "{since}", "why": "stopped"}}', 1)
    assert str(lock.holder(stack)) == "stopped, by ben since 2026-11-24 11:00:00 UTC"
