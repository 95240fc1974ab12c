"""Money mathematics. Pure."""
