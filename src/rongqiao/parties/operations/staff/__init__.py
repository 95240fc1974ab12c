"""Who is trusted with which staff role."""
