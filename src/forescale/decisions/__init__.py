"""What to do next: how far to trust a forecast, when a loss is reached, which run to do, how to split a budget."""
