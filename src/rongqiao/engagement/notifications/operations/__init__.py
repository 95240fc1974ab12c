"""Writes of notifications, one to a file."""
