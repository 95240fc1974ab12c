"""From application to signed agreement."""
