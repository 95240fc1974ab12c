"""What a user agrees to, and takes back."""
