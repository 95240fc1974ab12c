"""What keeps an installation whole: its parts, its files, its backups."""
