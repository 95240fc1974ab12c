"""Holds on borrowers who died or are bankrupt: put by one person, lifted against a document."""
