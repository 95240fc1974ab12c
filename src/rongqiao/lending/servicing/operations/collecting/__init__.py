"""What collectors do with the case of an overdue loan, and what its payments do to it."""
