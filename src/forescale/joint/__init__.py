"""Tables of runs over parameters and tokens: the law, its posterior, the split of a budget."""
