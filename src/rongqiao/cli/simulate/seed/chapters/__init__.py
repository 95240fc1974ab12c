"""What else the demonstration lives, so that each room of the console has something to show."""
