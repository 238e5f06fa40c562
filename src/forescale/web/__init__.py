"""A page on this machine to play with: one table, one question, the answer with its bands; Starlette, extra [serve]."""
