"""People, organizations and partners."""
