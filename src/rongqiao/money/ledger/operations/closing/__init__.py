"""Close the books: months, journals by hand, accounting codes, the chain and its heads."""
