"""A later version of the platform, whose migrations change the busiest tables."""
