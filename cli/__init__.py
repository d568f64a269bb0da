"""The `syncup` command: one thin module per group, imported only when it is called."""
