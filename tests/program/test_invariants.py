"""What holds in every environment holds in production, staging and recovery."""

from collections import Counter

import pytest

from facts.holding_data import HOLDING_DATA
from tests.program.invariants import INVARIANTS, Invariant, data, naming
from tests.program.stacks import STACKS, built


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda invariant: invariant.__name__)
def test_it_holds_in_every_stack(invariant: Invariant, stack: str) -> None:
    assert list(invariant(built(stack))) == []


def test_every_type_of_the_tables_holds_data() -> None:
    assert HOLDING_DATA.keys() >= data.ENCRYPTION.keys() == data.BACKUP.keys() | data.NOT_COPIED.keys()


def test_no_two_stacks_are_in_each_others_way() -> None:
    """Two of them share an account: what is called the same there would be one thing to AWS."""
    places = Counter(place for stack in STACKS for place, _, _ in naming.named(built(stack)))
    assert [place for place, count in places.items() if count > 1] == []
