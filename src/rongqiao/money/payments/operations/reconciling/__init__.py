"""The bank's word against ours: statements in, breaks opened, mended by two people."""
