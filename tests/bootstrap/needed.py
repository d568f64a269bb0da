"""What the provider asks AWS for to make, read, change and remove each type of the program.

`needed.json` has, by type as inventories write it, the names of IAM's actions:
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

NEEDED: Final[Mapping[str, list[str]]] = json.loads(
    (Path(__file__).parent / "needed.json").read_text(encoding="utf-8")
)
"""The actions by type, `sqs.Queue`."""

LOOKED_UP: Final = ("ssm:GetParameter", "ec2:DescribeManagedPrefixLists", "ec2:GetManagedPrefixListEntries")
"""For the program's lookups (`infra/fixtures.py`), which every preview makes."""
