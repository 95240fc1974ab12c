"""Pure: names and movements in, matches and alerts out."""
