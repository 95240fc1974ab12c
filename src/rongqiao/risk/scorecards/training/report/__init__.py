"""A training told to people: one page of its own, without scripts and without the network."""
