"""Breaks as cases: assigned, a mend proposed by one officer, approved or sent back by another."""
