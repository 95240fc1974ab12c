"""Pages on firms' statements and ratings."""
