"""The reviewers' desk: the queue, a case, what is decided on it."""
