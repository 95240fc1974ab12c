"""What Django's sessions and limits write, made unreadable at rest."""
