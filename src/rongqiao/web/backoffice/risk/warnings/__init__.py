"""Pages on early warning: the queue of cases and one firm's signs."""
