"""Physical names: one rule, and the limits that AWS sets.

No Pulumi here, so that the rule can be tested as a plain function.
"""

import re

_WELL_FORMED = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def physical_name(*parts: str, limit: int) -> str:
    """Joins `parts` with hyphens: lower case, digits, single hyphens, a letter first.

    The result fits every AWS service that the project names things in; a service with a shorter
    name than usual passes its own `limit` in characters.

    Raises:
        ValueError: the name is longer than `limit` or not well formed.
    """
    name = "-".join(parts)
    if not _WELL_FORMED.fullmatch(name):
        raise ValueError(f"name {name!r}: lower-case letters, digits and single hyphens only, a letter first")
    if len(name) > limit:
        raise ValueError(f"name {name!r} has {len(name)} characters, AWS allows {limit} here")
    return name
