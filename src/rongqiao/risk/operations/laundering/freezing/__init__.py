"""Money that is set aside for compliance, kept so, and given back by two."""
