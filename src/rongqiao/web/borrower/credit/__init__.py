"""A borrower's credit limits, and what they or others have pledged for what they owe."""
