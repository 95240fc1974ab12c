"""A portfolio of another system, read from CSV and checked before anything is written. Pure."""
