"""Repaying: money comes in and finds what it settles."""
