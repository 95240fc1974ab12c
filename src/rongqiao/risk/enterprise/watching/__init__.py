"""Pure: what is known of a firm over time in, signs, level and hazard out."""
