"""The pages hold what they say."""
