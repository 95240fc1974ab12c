"""The portfolio: as it stands, and how it rolls, defaults, prepays and earns."""
