"""The collectors' desk: queue, case, what waits for a second person, and what it all brought."""
