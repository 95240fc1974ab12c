"""Outside systems that move money."""
