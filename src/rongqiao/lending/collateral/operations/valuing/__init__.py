"""What an item is worth: added, never edited."""
