"""Pledges: proposed by one person, agreed by another."""
