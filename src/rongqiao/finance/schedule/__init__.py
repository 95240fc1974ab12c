"""Repayment schedules: terms in, dated rows out, exact to the fen."""
