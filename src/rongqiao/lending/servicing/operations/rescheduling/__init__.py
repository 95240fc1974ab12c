"""Changing a running loan's terms by agreement: one person proposes, another one decides."""
