"""A table as it comes: its letters, its cells, what its columns are, and which rows went bad."""
