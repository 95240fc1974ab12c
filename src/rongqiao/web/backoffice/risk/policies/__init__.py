"""Credit policies at the desk: read, edited, tried on past cases, released by a second person."""
