"""Writes of risk, by room: inquiries, policies, fraud, laundering, ratings, warnings."""
