"""What is noted while an order at the bank has not ended: taken, asked for again."""
