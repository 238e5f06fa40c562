"""How networks are trained: the only room that knows torch."""
