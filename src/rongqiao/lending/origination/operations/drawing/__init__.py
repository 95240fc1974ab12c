"""A credit limit in use: drawn, disbursed, given back."""
