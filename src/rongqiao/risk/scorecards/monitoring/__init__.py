"""A model watched month by month: counts, what it was taught by, figures, bounds."""
