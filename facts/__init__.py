"""What is true of AWS and its provider, as data with readers. Imports nothing of this project."""
