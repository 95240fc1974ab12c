"""Tickets, chat, complaints."""
