"""The room of inquiries: what was asked of outside sources, what it cost, how the sources are."""
