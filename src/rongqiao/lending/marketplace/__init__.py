"""Listings, bids and the sale of claims."""
