"""Pledges let go of: proposed by one person, released by another."""
