"""Where resources are, as far as anything says so."""

import re
from typing import Any, Final

from policies.view import Resource

_ARN: Final = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:([a-z0-9-]+):")


def region(resource: Resource) -> str:
    """The region that a resource says it is in, or its ARN; empty where neither is known."""
    for view in (resource, resource.outputs):
        declared = view.raw(("region",))
        if isinstance(declared, str) and declared:
            return declared
    return region_of_arn(resource.outputs.raw(("arn",)))


def region_of_arn(arn: Any) -> str:
    """The region that an ARN names; empty where it names none, is none or is not known."""
    found = _ARN.match(arn) if isinstance(arn, str) else None
    return found[1] if found else ""


def in_one_region(one: Resource, other: Resource) -> bool:
    """Whether two resources certainly are in the same region.

    Those that say nothing are in their provider's, so that two of the same provider are.
    """
    return region(one) == region(other) and one.options.provider == other.options.provider
