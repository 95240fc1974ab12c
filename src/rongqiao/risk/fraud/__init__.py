"""Pure: shared attributes, velocities and rules in, rings and findings out."""
