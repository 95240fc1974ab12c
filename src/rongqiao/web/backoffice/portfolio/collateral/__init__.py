"""Collateral and guarantees on the desk: the register, one item, what secures a case, the rules."""
