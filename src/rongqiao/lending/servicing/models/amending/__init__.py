"""Tables of what was changed in a loan after it was lent."""
