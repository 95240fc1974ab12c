"""Officers look at a referred application: two pairs of eyes above a set amount."""
