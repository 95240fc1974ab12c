"""Writes to the books; each is part of the operation that calls it."""
