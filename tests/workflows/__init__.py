"""The workflows: what they may do, and that what they call is there."""
