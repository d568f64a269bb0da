"""Evaluates a Pulumi program and shows what it would make, with or without an engine."""
