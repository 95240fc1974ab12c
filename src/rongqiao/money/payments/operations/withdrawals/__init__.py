"""Withdrawals decided by hand, before orders went to the custodian bank."""
