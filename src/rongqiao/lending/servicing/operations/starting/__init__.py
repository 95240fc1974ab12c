"""Lending: a loan begins, and who may be debited for it."""
