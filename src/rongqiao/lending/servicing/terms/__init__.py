"""Changes of a running loan's terms, worked out: longer or lighter, or at another rate. Pure."""
