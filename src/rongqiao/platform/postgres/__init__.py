"""PostgreSQL of our own: its launcher, its roles and their rights."""
