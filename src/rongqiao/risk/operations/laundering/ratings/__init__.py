"""Ratings of customers: an officer's, what follows from a case, what a review gives."""
