"""Concentration limits on the desk: how full they are, and their changes."""
