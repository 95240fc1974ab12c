"""Read the books: balances, journals, laws."""
