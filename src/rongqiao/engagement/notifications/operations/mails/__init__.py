"""Writes about mails: on their way, what became of them, no more of them."""
