"""Orders to the custodian bank: asked for, approved, sent, and ended on the bank's word alone."""
