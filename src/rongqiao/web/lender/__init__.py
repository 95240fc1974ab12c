"""What a lender sees."""
