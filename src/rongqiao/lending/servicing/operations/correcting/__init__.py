"""Putting payments right: taken back or counted from an earlier day, by two people."""
