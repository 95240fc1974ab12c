"""The writes of this context, one per file."""
