"""Writes of loan products: one verb per file."""
