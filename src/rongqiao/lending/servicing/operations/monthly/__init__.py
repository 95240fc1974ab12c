"""What is kept of the loans once a month."""
