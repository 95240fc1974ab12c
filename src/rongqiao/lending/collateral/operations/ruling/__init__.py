"""Haircuts and loan-to-value: released as versions by two people."""
