"""Pages of the books: balances, journals, reports, months, accounting codes, journals by hand."""
