"""What makes releases and keeps the papers of the house in order; each a command of `python -m tools`."""
