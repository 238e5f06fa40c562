"""A Forecast and what it is made of: distributions, units and the way back, scores."""
