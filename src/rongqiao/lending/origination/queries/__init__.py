"""What may be read of origination: for borrowers, for officers, of papers, of limits."""
