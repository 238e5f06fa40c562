"""What was measured: curves, columns, and how tables become both."""
