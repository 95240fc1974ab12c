"""Telling people what happened to them."""
