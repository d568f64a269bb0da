"""The Pulumi program: `pulumi up` and `syncup preview` both start here."""

from infra.program import main

main()
