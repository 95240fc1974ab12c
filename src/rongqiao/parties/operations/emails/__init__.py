"""A user's e-mail address: asked for, proved by a code, changed and removed."""
