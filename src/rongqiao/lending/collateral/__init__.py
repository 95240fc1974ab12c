"""Collateral and guarantees: what secures a loan, what it is worth, and for how much."""
