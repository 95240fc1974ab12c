"""Applications of days gone by, read in bulk."""
