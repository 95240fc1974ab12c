"""The key ring: rotation of data keys."""
