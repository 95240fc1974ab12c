"""Scoring models put forward by one person, released by another, retired."""
