"""Posteriors of laws: collapsed grids, and Markov chains to check them against."""
