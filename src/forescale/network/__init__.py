"""The network: configuration, heads and the NumPy forward need no torch; model, muon and train do."""
