"""One sentence per refusal code: what was wrong, with the value, and what is allowed."""
