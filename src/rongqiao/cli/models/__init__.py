"""Risk models offline: trained from a file, applied to a file."""
