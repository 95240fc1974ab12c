"""Reads of collateral: the register, one item, what secures a case, the rules."""
