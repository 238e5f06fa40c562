"""All methods, from Curve to Forecast."""
