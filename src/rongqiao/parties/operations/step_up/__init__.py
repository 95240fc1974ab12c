"""Proving once more, for one purpose, to be the user: before money leaves, for example."""
