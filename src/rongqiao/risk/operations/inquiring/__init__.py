"""Asking outside sources: open a question, note what came back, look at it for a reason."""
