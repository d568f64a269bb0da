"""What AWS runs, run here: against a local HTTP server and moto."""
