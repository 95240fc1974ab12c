"""Scoring models at the desk: put forward, read, compared, released, retired."""
