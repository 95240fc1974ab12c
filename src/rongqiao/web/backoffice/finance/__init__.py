"""The console of finance: money at the bank, the books, and what waits for a second person."""
