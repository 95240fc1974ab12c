"""What changed a loan after it was lent: paid early, charges waived, payments put right, losses."""
