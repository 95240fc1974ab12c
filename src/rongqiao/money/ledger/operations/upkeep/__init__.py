"""What keeps the books in order by itself: called by the worker and the end of day."""
