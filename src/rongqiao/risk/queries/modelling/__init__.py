"""What may be read of scoring models, and what may be reckoned with them."""
