"""Pure: a name as written in, its keys and its likeness to a listed name out."""
