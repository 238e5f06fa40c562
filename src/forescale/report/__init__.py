"""Tables and figures made of forecasts and decisions, for people and for machines; no arithmetic of its own."""
