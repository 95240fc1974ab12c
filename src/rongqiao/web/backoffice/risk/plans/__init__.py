"""Placement plans at the desk: what a period's money is to be lent on, and what became of it."""
