"""Journals by hand: one finance officer writes them, another one posts them."""
