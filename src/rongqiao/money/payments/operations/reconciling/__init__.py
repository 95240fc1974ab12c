"""The bank's word against ours: statements in, every line compared, breaks opened."""
