"""What firms of the demonstration state of a year, in yuan: made up, like no firm anywhere."""

from __future__ import annotations

SOUND = {
    "revenue": 12_000_000,
    "cost_of_sales": 8_000_000,
    "selling_and_administrative": 1_500_000,
    "operating_profit": 2_000_000,
    "interest_expense": 200_000,
    "profit_before_tax": 1_900_000,
    "net_profit": 1_500_000,
    "operating_cash_flow": 1_600_000,
    "receivables": 1_500_000,
    "inventories": 900_000,
    "current_assets": 5_000_000,
    "total_assets": 11_000_000,
    "current_liabilities": 3_000_000,
    "total_liabilities": 5_000_000,
    "equity": 6_000_000,
}
STRAINED = SOUND | {
    "cost_of_sales": 10_200_000,
    "operating_profit": 300_000,
    "interest_expense": 420_000,
    "profit_before_tax": -60_000,
    "net_profit": -60_000,
    "operating_cash_flow": 150_000,
    "receivables": 3_100_000,
    "current_liabilities": 5_600_000,
    "total_liabilities": 8_400_000,
    "equity": 2_600_000,
}
# With the figures that the trees need beside those of a rating.
WHOLE = SOUND | {
    "depreciation": 400_000,
    "fixed_assets": 6_000_000,
    "retained_earnings": 2_500_000,
}
FAILING = WHOLE | {
    "revenue": 7_000_000,
    "receivables": 3_000_000,
    "current_assets": 4_500_000,
    "operating_profit": -3_800_000,
    "profit_before_tax": -4_000_000,
    "net_profit": -4_000_000,
    "retained_earnings": -5_000_000,
    "equity": -2_000_000,
    "total_liabilities": 12_000_000,
    "current_liabilities": 11_000_000,
}
