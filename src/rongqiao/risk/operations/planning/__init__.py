"""Writes on placement plans: proposed by one person, decided on by another."""
