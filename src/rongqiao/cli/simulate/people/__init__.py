"""Who lives in the town: profiles, their invented identities, how they pay."""
