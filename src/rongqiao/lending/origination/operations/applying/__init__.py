"""The borrower fills in, hands in, takes back."""
