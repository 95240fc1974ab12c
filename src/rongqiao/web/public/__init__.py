"""What anybody sees without logging in."""
