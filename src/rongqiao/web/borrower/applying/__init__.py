"""Applying: the form, the way of an application, what is asked for in between."""
