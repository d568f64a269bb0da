"""The catalogue of weakenings: what somebody could make less safe, and a rule should notice.

It was written from AWS's controls and the operations guide, before the rules and without looking at them,
so that the share of weakenings that make a rule fire says something about the rules.

A weakening names a type of resource and an edit; `apply` carries it out on every resource of a graph that
it fits. Most come in two forms, a bad value and no value, since the provider's default is often the bad one.
"""

from tests.policies.weakenings import (
    audit,
    backups,
    compute,
    databases,
    edge,
    identity,
    network,
    operations,
    storage,
)
from tests.policies.weakenings.model import Kind, Pair, Weakening, apply, apply_to_pair, changed
from tests.policies.weakenings.untouched import UNTOUCHED

__all__ = ["CATALOGUE", "UNTOUCHED", "Kind", "Pair", "Weakening", "apply", "apply_to_pair", "changed"]

CATALOGUE: tuple[Weakening, ...] = (
    *databases.WEAKENINGS,
    *storage.WEAKENINGS,
    *identity.WEAKENINGS,
    *network.WEAKENINGS,
    *compute.WEAKENINGS,
    *edge.WEAKENINGS,
    *audit.WEAKENINGS,
    *backups.WEAKENINGS,
    *operations.WEAKENINGS,
)
