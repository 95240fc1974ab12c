"""Pages of the custodian bank: orders, daily statements, breaks, and what is half known."""
