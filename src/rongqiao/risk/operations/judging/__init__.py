"""Writes that stand beside a decision."""
