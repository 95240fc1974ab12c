"""The demonstration platform: loans drawn from public data sets, lived by the real operations."""
