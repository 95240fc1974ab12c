"""Register, log in, say who one is: the pages around an account."""
