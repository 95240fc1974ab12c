"""Outside systems of this context."""
