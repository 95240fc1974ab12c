"""Phone numbers of users and the messages to them."""
