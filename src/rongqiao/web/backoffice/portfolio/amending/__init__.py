"""What befalls a running loan beside its terms: holds on its borrower, and recalls."""
