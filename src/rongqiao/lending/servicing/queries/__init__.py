"""What may be read of loans: for pages, for other contexts, for the checks of the books."""
