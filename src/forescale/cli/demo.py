"""`forescale demo`: bundled real runs of our own, numbers in about a second. It proves the install."""
