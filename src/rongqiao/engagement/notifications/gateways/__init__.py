"""The outside systems of notifications: the mail provider."""
