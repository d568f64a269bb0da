"""The components: one file, one part of an environment. They know nothing of stacks or YAML."""
