"""`python -m cli` is `syncup`."""

from cli.main import main

main()
