"""The black, grey and white lists."""
