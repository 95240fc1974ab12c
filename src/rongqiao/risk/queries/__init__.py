"""What may be read of risk, and what may be reckoned without writing anything."""
