"""Writes of collateral: registered, valued, pledged, released; and the rules it is judged by."""
