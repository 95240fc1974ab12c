"""From an offer to a signed agreement and what becomes of it."""
