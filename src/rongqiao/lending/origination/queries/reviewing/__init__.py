"""What may be read for the review desk: its queue, differences, overrides."""
