"""Decide and watch: judges plain facts, never reads a loan."""
