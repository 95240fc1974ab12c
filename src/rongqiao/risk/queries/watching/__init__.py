"""Reads of fraud: profiles, lists, rings, cases."""
