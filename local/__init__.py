"""The environment on this machine: `syncup local start`."""
