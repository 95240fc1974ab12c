"""Giving up what was charged: one person proposes, another one decides."""
