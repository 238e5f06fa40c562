"""Forecast before you scale."""
