"""Models month by month at the desk: has the population moved, does the score still part."""
