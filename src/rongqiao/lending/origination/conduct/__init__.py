"""What the writes of origination share: who may act, locked rows, decisions, prices, contracts."""
