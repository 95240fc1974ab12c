"""What collectors and those who watch over them read of the cases of overdue loans."""
