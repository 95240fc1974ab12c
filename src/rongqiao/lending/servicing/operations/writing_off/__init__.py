"""Giving up a loan as lost: one person proposes, another one of finance decides; then recovery."""
