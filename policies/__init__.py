"""The policy pack: rules about AWS resources, each metadata and a pure predicate, grouped by service."""
