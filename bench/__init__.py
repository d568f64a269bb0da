"""What the preview costs, as ratios to what it cannot avoid. `make bench` runs it."""
