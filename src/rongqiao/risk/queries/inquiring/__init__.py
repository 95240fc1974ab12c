"""What is known of inquiries: to ask them, to wait for them, to list and count them."""
