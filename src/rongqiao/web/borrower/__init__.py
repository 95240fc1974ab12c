"""What a borrower sees."""
