"""What has a term in the work against money laundering: declarations of owners, and records."""
