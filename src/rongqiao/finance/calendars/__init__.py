"""Which days banks work."""
