"""Paying before it is due: in full at a payoff quote, or in part."""
