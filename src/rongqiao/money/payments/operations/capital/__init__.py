"""The operator's own money: noted or asked for by one officer, confirmed by another."""
