"""Closing a business date: one operation per (business date, step, chunk of loans)."""
