"""The allowance for loan losses: its assumptions, its valuations, and what moved it."""
