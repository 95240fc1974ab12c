"""Credit policies as they stand: versions, drafts, what differs, what was tried."""
