"""The pack as Pulumi starts it: `pulumi preview --policy-pack policies`."""

import sys
from pathlib import Path

# The language host starts a pack with its own folder first on the path; the project's rooms are above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from policies.adapter import serve

serve()
