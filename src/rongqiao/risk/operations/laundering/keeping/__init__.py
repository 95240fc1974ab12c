"""What of compliance's knowledge is put right, and what goes in time."""
