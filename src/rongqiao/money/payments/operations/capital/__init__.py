"""The operator's own money: noted by one officer, confirmed by another."""
