"""What must exist before the first update: `bootstrap/template.yaml`."""
