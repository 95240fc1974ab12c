"""Statement analysis, cost and tax advice."""
