"""Cards at the custodian bank: bound after the bank's same-name check, closed by their owner."""
