"""Twins of the outside world: HTTP services that import nothing of rongqiao."""
