"""Lending: a loan begins, more is drawn on it, and who may be debited for it."""
