"""Taking a portfolio over from another system: one person proposes, another one approves."""
