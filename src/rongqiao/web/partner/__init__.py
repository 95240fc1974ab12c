"""What an institution sees."""
