"""The procedures, on doubles that hold every request and answer against AWS' own models."""
