"""Writes against money laundering: lists, screenings, alerts, cases, reports, ratings."""
