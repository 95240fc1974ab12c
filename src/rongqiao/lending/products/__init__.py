"""What may be borrowed, on which terms."""
