"""Pure: past cases under two policies: who would have been let in, what it would have brought."""
