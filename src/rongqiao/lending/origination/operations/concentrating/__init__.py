"""Concentration limits: proposed and released by two people; what is paid back, taken in."""
