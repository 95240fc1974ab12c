"""Writes on firms: statements, ratings and their overrides, watches and warning cases."""
