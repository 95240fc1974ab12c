"""Read money in and out: wallets, movements, orders, reconciliation."""
