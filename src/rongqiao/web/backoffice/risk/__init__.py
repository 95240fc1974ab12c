"""Pages on whom to trust: policies, inquiries, fraud, money laundering, ratings, monitoring."""
