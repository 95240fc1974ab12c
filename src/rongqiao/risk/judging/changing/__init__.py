"""Pure: what changing a policy means: its numbers, what differs, what past cases would become."""
