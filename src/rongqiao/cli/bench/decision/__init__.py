"""What one decision costs, from its features to its record."""
