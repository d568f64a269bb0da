"""What holds for every test."""

from hypothesis import settings

# How long an example takes says more about who else uses the machine than about the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
