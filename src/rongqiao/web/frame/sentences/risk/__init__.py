"""Sentences for refusals of risk, a file a room."""
